"""One take: page, files, favourite, retry, delete and undo."""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account, AIModel
from generations.models import Generation, Status
from tests.factories import make_model, make_take

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


@pytest.fixture
def take(owner: User) -> Generation:
    take = make_take(owner, quoted=Decimal(30), arithmetic="6 cr/s × 5 s = 30", content_type="video/mp4")
    take.result.save("takes/1.mp4", ContentFile(b"0123456789"))
    return take


def test_the_page_tells_the_whole_story(client: Client, take: Generation) -> None:
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    for words in (
        "A fox in the snow",
        "30 credits",
        "6 cr/s × 5 s = 30",
        "35 credits",
        "differs",
        str(take.remote_id),
    ):
        assert words in page


def test_queries_of_the_page(
    client: Client, take: Generation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The take, its inputs, lines, notes and earlier tries; who asks; accounts and counts for the rail; kin
    and those of its shot; the takes before and after it; the collections."""
    with django_assert_num_queries(14):
        client.get(f"/gallery/{take.pk}/")


def test_the_receipt_is_line_by_line(client: Client, owner: User) -> None:
    """Charged, given back when it failed, and ordered anew on the same card."""
    take = make_take(owner, quoted=Decimal(30), charged=Decimal(30), sent_at=timezone.now())
    rows = Generation.objects.filter(pk=take.pk)
    rows.update(status=Status.ERROR, error_code="INTERNAL", charged=0)
    rows.update(remote_id=uuid4(), quoted=Decimal(42), charged=None, status=Status.PROCESSING)
    assert receipt(client, take) == [
        ("Quoted", "30 credits"),
        ("Charged", "30 credits"),
        ("Given back", "-30 credits"),
        ("Quoted", "42 credits"),
        ("Cost", "Known when it is done"),
    ]
    rows.update(status=Status.COMPLETE, charged=Decimal("41.5"))
    assert receipt(client, take)[-2:] == [("Charged", "41.50 credits"), ("Cost", "41.50 credits")]
    assert "quoted 42 ·" in client.get("/gallery/").content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"imported": True}, "Not quoted here"), ({}, "Price was not known")],
)
def test_a_receipt_says_what_nobody_knows(
    client: Client, owner: User, fields: dict[str, bool], words: str
) -> None:
    take = make_take(owner, quoted=None, charged=None, **fields)
    assert receipt(client, take) == [("Quoted", words), ("Cost", "The service has not said")]


def receipt(client: Client, take: Generation) -> list[tuple[str, str]]:
    page = client.get(take.get_absolute_url()).content.decode()
    lines = page.partition('<ol class="receipt')[2].partition("</ol>")[0].split("<li")[1:]
    texts = [re.findall(r"<span[^>]*>([^<]+)</span>", line) for line in lines]
    return [(words[0], words[-1]) for words in texts]


def test_an_image_is_shown_whole_and_opens_alone(client: Client, owner: User) -> None:
    take = make_take(owner, type="image", content_type="image/png", width=1600, height=900)
    take.result.save("takes/1.png", ContentFile(b"0123456789"))
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    assert f'<a class="detail-open" href="/gallery/{take.pk}/result"' in page
    assert "<video" not in page


def test_a_picture_too_large_to_show_is_said_to_be_so(client: Client, owner: User) -> None:
    take = make_take(owner, type="image_upscale", content_type="image/png", width=12_000, height=9_000)
    take.result.save("takes/1.png", ContentFile(b"0123456789"))
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    assert "12000 × 9000 pixels are too many to show here. The file is kept whole." in page
    assert "<img class" not in page


def test_sound_is_played_by_the_browsers_own_controls(client: Client, owner: User) -> None:
    take = make_take(owner, type="text_to_speech", content_type="audio/mpeg", duration_ms=4000)
    take.result.save("takes/1.mp3", ContentFile(b"0123456789"))
    take.poster.save("takes/1.webp", ContentFile(b"0123456789"))
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    assert f'controls preload="metadata" src="/gallery/{take.pk}/result"' in page
    assert f'<img src="/gallery/{take.pk}/poster"' in page
    assert "What is said" in page


def test_a_voice_without_a_sample_can_be_spoken_with(client: Client, owner: User) -> None:
    take = make_take(owner, type="voice_clone", prompt="")
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    assert "The voice is ready" in page
    assert f"voice={take.remote_asset_id}" in page
    assert "not here any more" not in page


def test_a_file_that_was_removed_is_not_passed_off_as_a_voice(client: Client, owner: User) -> None:
    page = client.get(make_take(owner, type="voice_clone", size=5000).get_absolute_url()).content.decode()
    assert "The file is not here any more" in page


def test_relatives_lead_to_each_other(client: Client, owner: User, stranger: User) -> None:
    draft = make_take(owner, prompt="A draft")
    final = make_take(owner, prompt="The same, large", made_from=draft, is_final=True)
    upscaled = make_take(owner, prompt="", type="video_upscale", made_from=draft, status=Status.PROCESSING)
    make_take(stranger, prompt="Theirs", made_from=draft)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "Its final:" in page
    assert f'href="{final.get_absolute_url()}">The same, large' in page
    assert f'href="{upscaled.get_absolute_url()}">Video upscale' in page
    assert "making" in page
    assert "Theirs" not in page
    page = client.get(final.get_absolute_url()).content.decode()
    assert "Final of" in page
    assert f'href="{draft.get_absolute_url()}">A draft' in page
    assert "Made from" in client.get(upscaled.get_absolute_url()).content.decode()


def test_it_leads_to_its_shot_and_its_model(client: Client, owner: User, account: Account) -> None:
    shot, model = uuid4(), make_model(account)
    alone = make_take(owner)
    one, _ = (make_take(owner, shot=shot, position=place, ai_model=model) for place in range(2))
    page = client.get(one.get_absolute_url()).content.decode()
    assert "One of 2 takes of a shot." in page
    assert f'href="/gallery/?shot={shot}"' in page
    assert f'href="/catalog/models/{model.pk}/"' in page
    assert "takes of a shot" not in client.get(alone.get_absolute_url()).content.decode()


def test_a_deleted_relative_is_not_led_to(client: Client, owner: User) -> None:
    draft = make_take(owner, prompt="A draft")
    final = make_take(owner, prompt="The final", made_from=draft, is_final=True)
    draft.delete_softly()
    assert "A draft" not in client.get(final.get_absolute_url()).content.decode()


def test_the_answers_of_several_models_are_led_to(client: Client, owner: User) -> None:
    take = make_take(owner, fan_out=uuid4())
    page = client.get(take.get_absolute_url()).content.decode()
    assert f'href="/gallery/?fan_out={take.fan_out}"' in page


def test_the_clip_is_served_in_ranges_and_for_download(client: Client, take: Generation) -> None:
    part = client.get(f"/gallery/{take.pk}/result", headers={"Range": "bytes=2-4"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"234")  # type: ignore[attr-defined]
    whole = client.get(f"/gallery/{take.pk}/result?download=1")
    assert "a-fox-in-the-snow" in whole["Content-Disposition"]
    assert whole["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_favouriting_says_what_it_wants(client: Client, take: Generation, headers: dict[str, str]) -> None:
    for wanted in ("1", "1", "0"):  # twice the same changes nothing
        response = client.post(
            f"/gallery/{take.pk}/favorite/",
            {"favorite": wanted, "next": "/gallery/?kind=video"},
            headers=headers,
        )
        take.refresh_from_db()
        assert take.favorite == (wanted == "1")
        if headers:
            assert f'aria-pressed="{"true" if wanted == "1" else "false"}"' in response.content.decode()
        else:
            assert response["Location"] == "/gallery/?kind=video"


def test_after_a_form_nobody_is_led_elsewhere(client: Client, take: Generation) -> None:
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)", ""):
        response = client.post(f"/gallery/{take.pk}/favorite/", {"favorite": "1", "next": target})
        assert response["Location"] == f"/gallery/{take.pk}/"


def test_a_deleted_take_is_gone_and_can_come_back(client: Client, take: Generation) -> None:
    assert client.post(f"/gallery/{take.pk}/delete/")["Location"] == "/gallery/"
    assert client.get(f"/gallery/{take.pk}/").status_code == 404
    assert client.get(f"/gallery/{take.pk}/result").status_code == 404
    client.post(f"/gallery/{take.pk}/restore/")
    assert client.get(f"/gallery/{take.pk}/").status_code == 200


def test_undo_is_offered_in_place_and_without_script(client: Client, owner: User, take: Generation) -> None:
    fragment = client.post(f"/gallery/{take.pk}/delete/", headers=HTMX).content.decode()
    assert f"/gallery/{take.pk}/restore/" in fragment
    client.post(f"/gallery/{take.pk}/restore/")
    page = client.post(f"/gallery/{take.pk}/delete/", follow=True).content.decode()
    assert f"/gallery/{take.pk}/restore/" in page


def test_a_running_take_can_not_be_deleted(client: Client, owner: User) -> None:
    running = make_take(owner, status=Status.PROCESSING)
    page = client.post(f"/gallery/{running.pk}/delete/", follow=True).content.decode()
    assert "can&#x27;t be cancelled" in page
    assert Generation.objects.owned_by(owner).filter(pk=running.pk).exists()


def test_deleting_by_an_old_card_shows_that_it_runs_again(client: Client, owner: User) -> None:
    running = make_take(owner, status=Status.PROCESSING)
    response = client.post(f"/gallery/{running.pk}/delete/", headers=HTMX)
    assert response["HX-Reswap"] == "none"
    page = response.content.decode()
    assert "<html" not in page
    assert "is-processing" in page


def test_retry_puts_the_same_card_to_work_again(client: Client, owner: User) -> None:
    failed = make_take(owner, status=Status.ERROR, error_code="INTERNAL", charged=Decimal(0))
    before = failed.remote_id
    page = client.post(f"/gallery/{failed.pk}/retry/", headers=HTMX).content.decode()
    failed.refresh_from_db()
    assert (failed.status, failed.error_code) == (Status.PREPARING, "")
    assert failed.remote_id != before
    assert f'id="take-{failed.pk}"' in page
    assert "gallery/updates" in page


@pytest.mark.parametrize(
    ("code", "sent", "status"),
    [("UNREACHABLE", True, Status.SUBMITTING), ("RESULT_UNREADABLE", True, Status.DOWNLOADING)],
)
def test_retry_never_orders_again_what_may_exist(
    client: Client, owner: User, code: str, sent: bool, status: Status
) -> None:
    failed = make_take(owner, status=Status.ERROR, error_code=code)
    Generation.objects.filter(pk=failed.pk).update(sent_at=failed.created)
    client.post(f"/gallery/{failed.pk}/retry/")
    before = failed.remote_id
    failed.refresh_from_db()
    assert (failed.status, failed.remote_id) == (status, before)


def test_a_retry_shows_its_price_and_asks_again_when_it_has_changed(client: Client, owner: User) -> None:
    model = make_model()
    body = {"type": "video", "generated_video_inputs": {"text_prompt": "x", "duration_ms": 5000}}
    failed = make_take(
        owner, status=Status.ERROR, error_code="INTERNAL", ai_model=model, body=body, resolution="720p"
    )
    assert "Retry · 35 credits" in client.get("/gallery/").content.decode()
    AIModel.objects.update(pricing={"credits_per_second": 70})
    page = client.post(f"/gallery/{failed.pk}/retry/", {"seen_price": "35"}, headers=HTMX).content.decode()
    assert "The price has changed. Nothing was ordered" in page
    assert "Retry · 350 credits" in page
    client.post(f"/gallery/{failed.pk}/retry/", {"seen_price": "350"})
    failed.refresh_from_db()
    assert (failed.status, failed.quoted) == (Status.PREPARING, Decimal(350))


@pytest.mark.parametrize(
    ("code", "status"),
    [("INTERNAL", Status.ERROR), ("LOST", Status.SUBMITTING), ("RESULT_UNREADABLE", Status.DOWNLOADING)],
)
def test_only_a_new_order_needs_its_credits(client: Client, owner: User, code: str, status: Status) -> None:
    """What is looked up or fetched first may cost nothing more."""
    now = timezone.now()
    Account.objects.update(balance=23, balance_at=now, balance_tried_at=now)
    body = {"type": "video", "generated_video_inputs": {"text_prompt": "x", "duration_ms": 5000}}
    failed = make_take(
        owner, status=Status.ERROR, error_code=code, ai_model=make_model(), body=body, sent_at=now
    )
    page = client.post(f"/gallery/{failed.pk}/retry/", headers=HTMX).content.decode()
    failed.refresh_from_db()
    assert failed.status == status
    assert ("Needs 12 more credits. Nothing was ordered." in page) == (status == Status.ERROR)


def test_a_take_that_waits_for_another_key_can_be_deleted(
    client: Client, owner: User, settings: Settings
) -> None:
    waiting = make_take(owner, status=Status.PROCESSING)
    settings.HEDRA_KEY = "sk_another"
    assert client.post(f"/gallery/{waiting.pk}/delete/")["Location"] == "/gallery/"
    assert not Generation.objects.owned_by(owner).exists()


def test_credits_kept_by_a_failed_try_stay_on_the_bill(client: Client, owner: User) -> None:
    failed = make_take(owner, status=Status.ERROR, error_code="INTERNAL", charged=Decimal(35))
    client.post(f"/gallery/{failed.pk}/retry/")
    Generation.objects.filter(pk=failed.pk).update(status=Status.COMPLETE, charged=Decimal(35))
    failed.refresh_from_db()
    assert failed.total_charged == 70


def test_retry_of_a_finished_take_does_nothing(client: Client, take: Generation) -> None:
    client.post(f"/gallery/{take.pk}/retry/")
    take.refresh_from_db()
    assert take.status == Status.COMPLETE


@pytest.mark.parametrize("action", ["favorite", "retry", "delete", "restore"])
def test_actions_need_a_post(client: Client, take: Generation, action: str) -> None:
    assert client.get(f"/gallery/{take.pk}/{action}/").status_code == 405


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("get", "result"), ("get", "poster"), ("get", "preview")]
    + [("post", f"{action}/") for action in ("favorite", "retry", "delete", "restore")],
)
def test_a_strangers_take_is_404_by_every_url(client: Client, stranger: User, method: str, path: str) -> None:
    theirs = make_take(stranger)
    theirs.result.save("takes/2.mp4", ContentFile(b"private"))
    assert getattr(client, method)(f"/gallery/{theirs.pk}/{path}").status_code == 404


def lost(owner: User, **fields: object) -> Generation:
    """A take whose file the last check did not find."""
    return make_take(owner, result="takes/nowhere.mp4", size=10, sha256="0" * 64, damage="missing", **fields)


def test_it_says_where_its_file_is(client: Client, owner: User) -> None:
    kept = make_take(owner, result="takes/1.mp4", size=10, verified_at=timezone.now())
    assert "On disk, verified" in client.get(f"/gallery/{kept.pk}/").content.decode()
    waiting = make_take(owner, status=Status.DOWNLOADING)
    assert "Only at the service" in client.get(f"/gallery/{waiting.pk}/").content.decode()
    rescued = make_take(owner, imported=True, recovered=True)
    assert "· recovered" in client.get(f"/gallery/{rescued.pk}/").content.decode()


def test_a_lost_file_is_said_and_fetched_by_one_press(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = lost(owner)
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    assert "Missing from the disk" in page
    assert "<video" not in page
    monkeypatch.setattr("generations.download.is_there", lambda take: True)
    client.post(f"/gallery/{take.pk}/fetch/")
    take.refresh_from_db()
    assert (take.status, take.sent_at) == (Status.DOWNLOADING, None)


def test_a_lost_file_that_the_service_has_no_more_keeps_its_record(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = lost(owner)
    monkeypatch.setattr("generations.download.is_there", lambda take: False)
    client.post(f"/gallery/{take.pk}/fetch/")
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    assert "does not have it any more, so it can't be fetched. Its record is kept." in page
    take.refresh_from_db()
    assert take.status == Status.COMPLETE


def test_nobody_fetches_a_strangers_file(client: Client, stranger: User) -> None:
    take = lost(stranger)
    assert client.post(f"/gallery/{take.pk}/fetch/").status_code == 404
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
