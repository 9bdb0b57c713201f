"""Nothing typed is lost: the draft is kept as it is typed, and opened again wherever one goes on."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.models import AIModel
from generations.models import Asset, Draft, Generation
from tests.factories import make_asset, make_model, make_take, png, wav
from tests.sandboxed import Studio

from .controls import controls, draft_page

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model()


def shot(model: AIModel, **changes: Any) -> dict[str, Any]:
    return {
        "shot": str(uuid4()),
        "model": model.form_key,
        "prompt": "A fox in the snow",
        "aspect_ratio": "9:16",
        "resolution": "480p",
        "duration_ms": "8000",
        "variations": "4",
        "csrfmiddlewaretoken": "secret",
        "seen_price": "35",
    } | changes


def ago(ms: int) -> str:
    """A moment as the page's script tells it."""
    return str(round(timezone.now().timestamp() * 1000) - ms)


def keep(client: Client, values: dict[str, Any]) -> Any:
    return client.post("/create/draft/", values)


def opened(client: Client, query: str = "") -> dict[str, list[str]]:
    """What the form holds when the page is opened."""
    return controls(client.get(f"/create/{query}").content.decode())


def prompt_of(client: Client, query: str = "") -> str:
    return opened(client, query)["prompt"][0]


def test_what_is_typed_is_there_again(client: Client, model: AIModel) -> None:
    answer = keep(client, shot(model))
    assert (answer.status_code, answer["Draft-Kept"]) == (204, "new")
    found = opened(client)
    wanted = {name: [value] for name, value in shot(model).items() if name in found}
    assert {name: found[name] for name in wanted} == wanted
    assert "Draft kept" in client.get("/create/").content.decode()


def test_only_the_shot_is_stored(client: Client, model: AIModel) -> None:
    keep(client, shot(model, sure="35", again="1", then="", unknown="x"))
    names = set(Draft.objects.get().values)
    assert names == {"model", "prompt", "aspect_ratio", "resolution", "duration_ms", "variations"}


@pytest.mark.parametrize("part", ["panel", "price"])
def test_each_choice_is_stored_at_once(client: Client, model: AIModel, part: str) -> None:
    answer = client.post(f"/create/{part}/", shot(model), headers=HTMX)
    assert (answer["HX-Replace-Url"], answer["Draft-Kept"]) == ("/create/", "new")
    assert opened(client)["duration_ms"] == ["8000"]


def test_another_outcome_is_kept_with_the_model_that_it_chose(client: Client, model: AIModel) -> None:
    avatar = make_model(requires_start_frame=True, requires_audio_input=True, durations=["auto"])
    client.post("/create/panel/", shot(model, make="avatar") | {"model": ""}, headers=HTMX)
    assert opened(client)["model"] == [str(avatar.form_key)]


def test_a_refused_order_is_kept(client: Client, model: AIModel) -> None:
    assert client.post("/create/", shot(model, aspect_ratio="7:5")).status_code == 422
    assert prompt_of(client) == "A fox in the snow"


def test_an_empty_wallet_takes_nothing_of_what_was_typed(studio: Studio, client: Client) -> None:
    studio.sandbox.settings(key=studio.key, balance=1)
    model = AIModel.objects.current().get(name="Grok Video T2V")
    order = shot(model, resolution="720p", seen_price="")
    assert "more credits" in client.post("/create/", order).content.decode()
    assert prompt_of(Client()) == "A fox in the snow"


def test_a_file_of_a_refused_order_is_in_the_draft(client: Client, owner: User) -> None:
    model = make_model(requires_start_frame=True)
    file = SimpleUploadedFile("fox.png", png(640, 360), "image/png")
    assert client.post("/create/", shot(model, prompt="", start_frame_file=file)).status_code == 422
    assert opened(client)["start_frame"] == [str(Asset.objects.get().pk)]


def test_an_accepted_order_keeps_the_draft_under_a_new_id(client: Client, model: AIModel) -> None:
    order = shot(model, seen_price="")
    assert client.post("/create/", order).status_code == 302
    page = client.get("/create/").content.decode()
    assert controls(page)["prompt"] == ["A fox in the snow"]
    assert order["shot"] not in page
    again = {name: values[0] for name, values in controls(page).items()}
    again |= {"shot": str(uuid4()), "again": "1"}
    assert client.post("/create/", again).status_code == 302
    assert Generation.objects.values("shot").distinct().count() == 2


def test_it_outlives_signing_out_and_another_browser(settings: Settings, db: None) -> None:
    settings.SOLO = False
    ada, model = User.objects.create_user("ada"), make_model()
    first, second, stranger = Client(), Client(), Client()
    first.force_login(ada)
    keep(first, shot(model))
    first.logout()
    second.force_login(ada)
    assert prompt_of(second) == "A fox in the snow"
    stranger.force_login(User.objects.create_user("bob"))
    assert prompt_of(stranger) == ""


def test_the_last_change_wins_however_late_it_arrives(client: Client, model: AIModel) -> None:
    keep(client, shot(model, prompt="Newer", draft_changed=ago(1000)))
    late = keep(client, shot(model, prompt="Older", draft_changed=ago(60_000)))
    assert late.status_code == 409
    assert 0 <= int(ago(0)) - int(late["Draft-Now"]) < 60_000
    assert prompt_of(client) == "Newer"
    keep(client, shot(model, prompt="Newest", draft_changed=ago(10)))
    assert prompt_of(client) == "Newest"


def test_a_clock_that_is_ahead_does_not_outlast_what_is_typed_next(client: Client, model: AIModel) -> None:
    keep(client, shot(model, draft_changed=ago(-3_600_000)))
    keep(client, shot(model, prompt="Typed next"))
    assert prompt_of(client) == "Typed next"


def test_a_page_that_only_asks_for_its_price_stores_nothing(client: Client, model: AIModel) -> None:
    keep(client, shot(model))
    old = shot(model, prompt="An old tab", draft_changed="untouched")
    answer = client.post("/create/price/", old, headers=HTMX)
    assert "HX-Replace-Url" not in answer
    assert prompt_of(client) == "A fox in the snow"


def test_the_same_again_changes_nothing(client: Client, model: AIModel) -> None:
    keep(client, shot(model))
    before = Draft.objects.get().updated
    assert keep(client, shot(model))["Draft-Kept"] == "same"
    assert Draft.objects.get().updated == before


def test_what_is_too_long_is_refused_in_words(client: Client, model: AIModel) -> None:
    keep(client, shot(model))
    answer = keep(client, shot(model, prompt="x" * 70_000))
    assert answer.status_code == 422
    assert answer.content.decode() == "This is too long to be kept as a draft: 68 kB, where 64 kB fit."
    assert prompt_of(client) == "A fox in the snow"


# What an address says


def test_a_model_chosen_elsewhere_goes_on_with_the_words_and_inputs(client: Client, owner: User) -> None:
    model, other, frame = make_model(), make_model(requires_start_frame=True), make_asset(owner)
    keep(client, shot(model, start_frame=frame.pk))
    found = opened(client, f"?model={other.form_key}&aspect_ratio=1:1")
    assert found["prompt"] == ["A fox in the snow"]
    assert found["start_frame"] == [str(frame.pk)]
    assert (found["aspect_ratio"], found["variations"]) == (["1:1"], ["1"])  # as the address priced it


def test_inputs_in_the_address_win(client: Client, owner: User) -> None:
    model, mine, theirs = make_model(requires_start_frame=True), make_asset(owner), make_asset(owner)
    keep(client, shot(model, start_frame=mine.pk))
    found = opened(client, f"?model={model.form_key}&start_frame={theirs.pk}")
    assert (found["start_frame"], found["prompt"]) == ([str(theirs.pk)], ["A fox in the snow"])


@pytest.mark.parametrize("query", ["&prompt=A+heron", "&prompt=", "&from=7", "&shot_prompt=A+heron"])
def test_a_whole_shot_in_the_address_takes_nothing_of_the_draft(
    client: Client, owner: User, query: str
) -> None:
    model, frame = make_model(), make_asset(owner)
    keep(client, shot(model, start_frame=frame.pk))
    page = client.get(f"/create/?model={model.form_key}{query}").content.decode()
    found = controls(page)
    assert "fox" not in found["prompt"][0]
    assert "start_frame" not in found
    assert "Your other draft is kept" in page


def test_the_words_of_an_earlier_take_join_the_draft(client: Client, model: AIModel, owner: User) -> None:
    take = make_take(owner, prompt="A heron " * 300)
    keep(client, shot(model))
    found = opened(client, f"?prompt_of={take.pk}")
    assert found["prompt"] == [take.prompt]
    assert (found["duration_ms"], found["variations"]) == (["8000"], ["4"])


@pytest.mark.parametrize("pk", ["x", "", "9" * 30, "-1", "٣"])
def test_an_odd_take_in_the_address_is_none(client: Client, model: AIModel, pk: str) -> None:
    keep(client, shot(model))
    assert prompt_of(client, f"?prompt_of={pk}") == "A fox in the snow"


def test_the_words_of_a_strangers_take_stay_theirs(client: Client, model: AIModel, stranger: User) -> None:
    take = make_take(stranger, prompt="Theirs")
    assert prompt_of(client, f"?prompt_of={take.pk}") == ""


def test_what_a_take_was_made_from_and_is_gone_is_said(client: Client, model: AIModel) -> None:
    query = f"?model={model.form_key}&prompt=A+fox&missing=start+frame&missing=model&missing=<b>anything"
    page = client.get(f"/create/{query}").content.decode()
    assert "The model of that take is not offered any more. The start frame of that take no longer" in page
    assert "anything" not in page.split("panel-dropped")[1].split("</p>")[0]


# Another shot


def test_a_new_shot_sets_the_draft_aside_and_it_can_be_brought_back(client: Client, model: AIModel) -> None:
    first = draft_page(client.get("/create/").content.decode())
    keep(client, shot(model, draft_page=first))
    blank = client.get("/create/?new=1").content.decode()
    assert controls(blank)["prompt"] == [""]
    assert prompt_of(client) == "A fox in the snow"  # until something is typed

    second = draft_page(blank)
    assert keep(client, shot(model, prompt="A whale", draft_page=second))["Draft-Kept"] == "new aside"
    keep(client, shot(model, prompt="A whale sings", draft_page=second))
    assert prompt_of(client) == "A whale sings"

    client.post("/create/draft/back/")
    assert prompt_of(client) == "A fox in the snow"
    client.post("/create/draft/back/")
    assert prompt_of(client) == "A whale sings"


def test_the_draft_goes_on_in_a_page_opened_anew(client: Client, model: AIModel) -> None:
    first = draft_page(client.get("/create/").content.decode())
    keep(client, shot(model, draft_page=first))
    assert draft_page(client.get("/create/").content.decode()) == first
    keep(client, shot(model, prompt="A fox, longer", draft_page=first))
    assert not Draft.objects.get().before


def test_settings_alone_are_not_worth_setting_aside(client: Client, model: AIModel) -> None:
    keep(client, shot(model, prompt="", draft_page="one"))
    keep(client, shot(model, prompt="A whale", draft_page="two"))
    assert not Draft.objects.get().before


def test_nothing_set_aside_is_said(client: Client, owner: User) -> None:
    make_model()
    assert "No other draft is kept." in client.post("/create/draft/back/", follow=True).content.decode()


# Without script


@pytest.mark.parametrize(
    ("then", "path"),
    [("create", "/create/"), ("prompts", "/create/prompts/"), ("presets", "/create/presets/")],
)
def test_without_script_a_button_keeps_the_draft_and_goes_on(
    client: Client, owner: User, then: str, path: str
) -> None:
    model = make_model(requires_start_frame=True)
    file = SimpleUploadedFile("fox.png", png(640, 360), "image/png")
    answer = client.post("/create/draft/", shot(model, then=then, start_frame_file=file))
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert opened(client)["start_frame"] == [str(Asset.objects.get().pk)]


def test_without_script_every_way_out_of_the_form_keeps_what_is_typed(client: Client, model: AIModel) -> None:
    make_model(name="Painter", type="image")
    page = client.get("/create/").content.decode()
    assert 'class="no-js" formaction="/create/draft/" formnovalidate name="make" value="image"' in page
    assert 'formaction="/create/draft/" name="then" value="new"' in page

    answer = client.post("/create/draft/", shot(model, prompt="A whale", make="image"), follow=True)
    assert answer.redirect_chain == [("/create/?make=image", 302)]
    assert "A whale" in answer.content.decode()
    assert "Painter" in answer.content.decode()

    sent = shot(model, prompt="A bear", then="new")
    page = client.post("/create/draft/", sent, follow=True).content.decode()
    assert "A bear" not in page
    assert 'formaction="/create/draft/" name="then" value="back"' in page
    sent = shot(model, prompt="A wolf", then="back", draft_page=draft_page(page))
    assert "A bear" in client.post("/create/draft/", sent, follow=True).content.decode()
    assert Draft.objects.get().before["prompt"] == ["A wolf"]


def test_without_script_a_new_file_takes_along_what_was_said_of_the_old_one(
    client: Client, owner: User
) -> None:
    avatar = make_model(durations=["auto"], requires_start_frame=True, requires_audio_input=True)
    frame, voice = make_asset(owner), make_asset(owner, kind="audio", duration_ms=9000)
    said = {"point": "0.5,0.3", "audio_start_ms": "1000", "audio_ms": "4000"}
    sent = shot(avatar, then="create", start_frame=frame.pk, audio=voice.pk) | said
    client.post("/create/draft/", sent | {"start_frame_file": SimpleUploadedFile("fox.png", png(640, 360))})
    values = Draft.objects.get().values
    assert "point" not in values
    assert values["audio_ms"] == ["4000"]
    # A second voice joins the first, whose face stays where it is.
    client.post("/create/draft/", sent | {"audio_file": SimpleUploadedFile("b.wav", wav(1))})
    values = Draft.objects.get().values
    assert values["point"] == ["0.5,0.3"]
    assert not {"audio_start_ms", "audio_ms"} & values.keys()


def test_a_refused_order_with_a_new_picture_keeps_no_point_of_the_old(client: Client, owner: User) -> None:
    avatar = make_model(durations=["auto"], requires_start_frame=True, requires_audio_input=True)
    sent = shot(avatar, start_frame=make_asset(owner).pk, point="0.5,0.3")
    sent["start_frame_file"] = SimpleUploadedFile("fox.png", png(640, 360))
    answer = client.post("/create/", sent)
    assert answer.status_code == 422
    assert '0.5,0.3"' not in answer.content.decode().replace('placeholder="0.5,0.3"', "")
    assert "point" not in Draft.objects.get().values


def test_without_script_what_is_too_long_stays_on_the_page(client: Client, model: AIModel) -> None:
    answer = client.post("/create/draft/", shot(model, prompt="x" * 70_000, then="create"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "too long to be kept as a draft" in page
    assert len(controls(page)["prompt"][0]) == 70_000


def test_the_draft_of_a_model_that_is_gone_keeps_all_it_held(client: Client, model: AIModel) -> None:
    other = make_model(name="Another")
    keep(client, shot(model))
    model.delete()
    page = client.get("/create/").content.decode()
    assert "Choose a model" in page
    assert "doesn&#x27;t offer" not in page
    held = controls(page) | {"model": [str(other.form_key)]}
    panel = client.post("/create/panel/", held | {"make": "video"}, headers=HTMX).content.decode()
    assert controls(panel)["duration_ms"] == ["8000"]
    assert controls(panel)["variations"] == ["4"]
