"""The form of a shot: a function of the chosen model."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.models import Account, AIModel
from generations.forms import ShotForm
from generations.models import Generation, Status
from generations.placing import place
from tests.factories import make_asset, make_model, make_take, png, wav

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model()


@pytest.fixture(autouse=True)
def wallet(owner: User) -> Account:
    """An account whose balance has just been read, so that no form asks the service for it."""
    account = Account.objects.current()
    Account.objects.update(balance=Decimal(1000), balance_at=timezone.now(), balance_tried_at=timezone.now())
    account.refresh_from_db()
    return account


def shot(model: AIModel, **changes: Any) -> dict[str, Any]:
    return {
        "shot": str(uuid4()),
        "model": str(model.pk),
        "prompt": "A fox in the snow",
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "duration_ms": "8000",
        "variations": "1",
    } | changes


def bound(owner: User, model: AIModel, files: Any = None, **changes: Any) -> ShotForm:
    return ShotForm(shot(model, **changes), files, owner=owner, model=model)


def errors(form: ShotForm) -> str:
    return " ".join(message for messages in form.errors.values() for message in messages)


def test_a_good_shot_becomes_a_take_with_its_body_and_price(owner: User, model: AIModel) -> None:
    form = bound(owner, model)
    assert form.is_valid(), form.errors
    [take] = place(form)
    assert take.body == {
        "type": "video",
        "model_slug": model.slug,
        "generated_video_inputs": {
            "text_prompt": "A fox in the snow",
            "aspect_ratio": "9:16",
            "resolution": "720p",
            "duration_ms": 8000,
        },
    }
    assert (take.quoted, take.arithmetic) == (Decimal(56), "7 cr/s × 8 s = 56")
    assert (take.status, take.sent_at) == (Status.PREPARING, None)


def test_each_variation_is_a_take_with_ids_of_its_own(owner: User, model: AIModel) -> None:
    form = bound(owner, model, variations="4")
    assert form.is_valid()
    takes = place(form)
    assert [take.position for take in takes] == [0, 1, 2, 3]
    assert len({take.remote_id for take in takes}) == 4
    assert form.total.credits == 4 * 56


def test_the_same_form_sent_twice_is_one_shot(owner: User, model: AIModel) -> None:
    same = str(uuid4())
    first, second = bound(owner, model, shot=same), bound(owner, model, shot=same)
    assert first.is_valid()
    assert second.is_valid()
    assert [take.pk for take in place(first)] == [take.pk for take in place(second)]


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "A whale, quite another shot"},
        {"duration_ms": "10000"},
        {"aspect_ratio": "1:1"},
        {"variations": "2"},
    ],
)
def test_another_shot_under_a_used_id_is_refused_once(
    owner: User, model: AIModel, changes: dict[str, str]
) -> None:
    same = str(uuid4())
    first, second = bound(owner, model, shot=same), bound(owner, model, shot=same, **changes)
    assert first.is_valid()
    [take] = place(first)
    assert second.is_valid()
    assert place(second) == []
    assert "This form was already sent" in errors(second)
    assert list(Generation.objects.all()) == [take]

    fresh = second["shot"].value()
    assert fresh != same
    again = bound(owner, model, shot=fresh, again="1", **changes)
    assert again.is_valid()
    assert place(again)


def test_another_image_under_a_used_id_is_another_shot(owner: User) -> None:
    model, same = make_model(requires_start_frame=True), str(uuid4())
    first, second = (bound(owner, model, shot=same, start_frame=str(make_asset(owner).pk)) for _ in range(2))
    assert first.is_valid()
    assert place(first)
    assert second.is_valid()
    assert place(second) == []


def test_a_take_already_sent_is_still_the_same_shot(owner: User, model: AIModel) -> None:
    """What is sent adds ids to the stored request, and its credits are spent by then."""
    same = str(uuid4())
    first = bound(owner, model, shot=same)
    assert first.is_valid()
    [take] = place(first)
    take.body |= {"generation_id": str(take.remote_id)}
    take.body["generated_video_inputs"] |= {"start_keyframe_id": str(uuid4())}
    take.save()
    Account.objects.update(balance=Decimal(0))

    second = bound(owner, model, shot=same)

    assert second.is_valid(), second.errors
    assert place(second) == [take]


def test_the_address_never_names_the_shot(owner: User, model: AIModel) -> None:
    named = str(uuid4())
    assert str(ShotForm.shown({"shot": named}, owner=owner, model=model)["shot"].value()) != named


def test_long_names_are_cut_to_what_a_row_holds(owner: User) -> None:
    ratio, resolution = "16:9 and a very long name", "2160p (4K UHD), upscaled by the super resolution"
    modifiers = {
        name: {"5s": 1.23456789} for name in ("duration", "durations", "duration_ms", "duration_seconds")
    }
    modifiers |= {"resolution": {resolution: 1.23456789}, "aspect_ratio": {ratio: 1.23456789}}
    model = make_model(
        aspect_ratios=[ratio],
        resolutions=[resolution],
        default_resolution="",
        pricing={"base_cost": 5, "credits_per_second": 7, "modifiers": modifiers},
    )
    form = bound(owner, model, aspect_ratio=ratio, resolution=resolution, duration_ms="5000")
    assert form.is_valid(), form.errors
    take = Generation.objects.get(pk=place(form)[0].pk)
    assert take.aspect_ratio == "16:9 and a very lon…"
    assert (len(take.resolution), len(take.arithmetic)) == (40, 200)
    assert take.body["generated_video_inputs"]["resolution"] == resolution


@pytest.mark.parametrize("pk", ["9" * 18, "9" * 30, "9" * 5000])
def test_an_input_that_cannot_exist_is_as_good_as_none(owner: User, pk: str) -> None:
    model = make_model(requires_start_frame=True)
    assert "needs a start frame" in errors(bound(owner, model, start_frame=pk))
    assert ShotForm.shown({"start_frame": pk}, owner=owner, model=model).slots[0].asset is None


def test_options_that_the_model_lacks_are_absent(owner: User) -> None:
    form = ShotForm.shown(
        {}, owner=owner, model=make_model(durations=None, aspect_ratios=None, resolutions=None)
    )
    assert not {"aspect_ratio", "resolution", "duration_ms"} & set(form.fields)


def test_changing_the_model_keeps_what_still_applies(owner: User) -> None:
    other = make_model(aspect_ratios=["16:9"], durations=["4000", "8000"])
    form = ShotForm.shown(shot(other, prompt="Kept"), owner=owner, model=other)
    values = {name: form[name].value() for name in ("prompt", "aspect_ratio", "resolution", "duration_ms")}
    assert values == {"prompt": "Kept", "aspect_ratio": "16:9", "resolution": "720p", "duration_ms": "8000"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompt": "  "}, "Describe the shot"),
        ({"aspect_ratio": "4:3"}, "doesn't offer 4:3"),
        ({"resolution": "8K"}, "doesn't offer 8K"),
        ({"duration_ms": "1000"}, "doesn't offer 1000"),
        ({"variations": "3"}, "doesn't offer 3"),
        ({"variations": "-1"}, "doesn't offer -1"),
        ({"duration_ms": "NaN"}, "doesn't offer NaN"),
        ({"shot": "not-a-uuid"}, "valid UUID"),
        ({"seen_price": "35"}, "The price is now 56 credits"),
        ({"variations": "8", "duration_ms": "15000", "seen_price": ""}, ""),
    ],
)
def test_what_is_refused_says_why(owner: User, model: AIModel, changes: dict[str, str], words: str) -> None:
    form = bound(owner, model, **changes)
    assert form.is_valid() is not bool(words)
    assert words in errors(form)


def test_a_line_break_counts_as_one_character(owner: User) -> None:
    form = bound(owner, make_model(max_prompt_length=3), prompt="a\r\nb")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["prompt"] == "a\nb"


def test_a_prompt_beyond_the_models_limits(owner: User) -> None:
    model = make_model(max_prompt_length=20, min_prompt_length=5)
    assert "21 characters; this model takes up to 20" in errors(bound(owner, model, prompt="x" * 21))
    assert "at least 5 characters" in errors(bound(owner, model, prompt="fox"))


def test_too_few_credits_are_named_and_nothing_is_stored(owner: User, model: AIModel) -> None:
    Account.objects.update(balance=Decimal(50))
    form = bound(owner, model)
    assert "Needs 6 more credits" in errors(form)
    assert form.missing == 6
    assert not Generation.objects.exists()


def test_credits_of_takes_that_still_wait_to_be_ordered_are_spoken_for(owner: User, model: AIModel) -> None:
    Account.objects.update(balance=Decimal(100))
    make_take(owner, status=Status.PREPARING, quoted=Decimal(60), charged=None)
    assert "Needs 16 more credits" in errors(bound(owner, model))


def test_an_unknown_price_is_said_to_be_unknown(owner: User) -> None:
    form = bound(owner, make_model(pricing=None))
    assert form.is_valid()
    assert not form.total.known
    assert place(form)[0].quoted is None


# Inputs


def test_an_image_sent_with_the_form_becomes_the_start_frame(owner: User) -> None:
    model = make_model(requires_start_frame=True)
    file = SimpleUploadedFile("fox.png", png(640, 360), "image/png")
    form = bound(owner, model, {"start_frame_file": file})
    assert form.is_valid(), form.errors
    start = place(form)[0].start_frame
    assert start
    assert (start.kind, start.width, start.height, start.name) == ("image", 640, 360, "fox.png")


def test_an_avatar_is_priced_by_its_audio(owner: User) -> None:
    model = make_model(requires_start_frame=True, requires_audio_input=True, durations=["auto"])
    audio = SimpleUploadedFile("voice.wav", wav(3), "audio/wav")
    form = bound(owner, model, {"audio_file": audio}, start_frame=str(make_asset(owner).pk), duration_ms="")
    assert form.is_valid(), form.errors
    assert form.quote.credits == 21
    assert form.body()["generated_video_inputs"]["duration_ms"] == 3000


def test_a_missing_input_is_asked_for_by_name(owner: User) -> None:
    model = make_model(requires_start_frame=True, requires_audio_input=True)
    text = errors(bound(owner, model))
    assert "needs a start frame" in text
    assert "needs audio" in text


def test_a_strangers_asset_is_as_good_as_none(owner: User, stranger: User) -> None:
    model = make_model(requires_start_frame=True)
    assert "needs a start frame" in errors(bound(owner, model, start_frame=str(make_asset(stranger).pk)))


def test_a_good_file_is_kept_when_another_field_is_refused(owner: User) -> None:
    model = make_model(requires_start_frame=True)
    file = SimpleUploadedFile("fox.png", png(640, 360), "image/png")
    form = bound(owner, model, {"start_frame_file": file}, prompt="")
    assert not form.is_valid()
    assert form.slots[0].asset
    assert form.slots[0].errors == []


def test_sound_as_a_start_frame_is_refused_at_its_slot(owner: User) -> None:
    model = make_model(requires_start_frame=True)
    form = bound(owner, model, {"start_frame_file": SimpleUploadedFile("a.png", wav(1), "image/png")})
    assert not form.is_valid()
    assert form.slots[0].errors == ["This is an audio file; an image goes here."]


def test_a_models_limits_on_its_inputs(owner: User) -> None:
    slots = [{"type": "image", "role": "start_frame", "required": True, "min_dimension_px": 300}]
    model = make_model(inputs=[{"mode": "image_to_video", "slots": slots}])
    small = make_asset(owner, width=640, height=200)
    assert "short side has 200 px; the model needs 300 px" in errors(
        bound(owner, model, start_frame=str(small.pk))
    )


@pytest.mark.parametrize(
    ("most", "size", "limit", "problem"),
    [
        (2_000, 2_500, "up to 1.9 kB", "has 2.5 kB; the model takes up to 1.9 kB"),
        (500, 501, "up to 500 bytes", "has 501 bytes; the model takes up to 500 bytes"),
        (1_572_864, 1_572_865, "up to 1.5 MB", "has 1.6 MB; the model takes up to 1.5 MB"),
        (10 * 2**20, 25 * 2**20, "up to 10 MB", "has 25 MB; the model takes up to 10 MB"),
    ],
)
def test_sizes_are_said_in_fitting_units(owner: User, most: int, size: int, limit: str, problem: str) -> None:
    slots = [{"type": "image", "role": "start_frame", "required": True, "max_file_size_bytes": most}]
    model = make_model(inputs=[{"mode": "image_to_video", "slots": slots}])
    form = bound(owner, model, start_frame=str(make_asset(owner, size=size).pk))
    assert limit in form.slots[0].limits
    assert problem in errors(form)
