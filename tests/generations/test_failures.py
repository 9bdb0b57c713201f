"""Every way to fail: what happened, which part, was it charged, and the one thing that fixes it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from catalog.models import Account, Rest
from clients.answers import GenerationState, RemoteError
from clients.errors import Unavailable
from generations import failures, lifecycle, parts, tasks
from generations.models import FailedTry, Generation, Input, Status
from tests.factories import make_asset, make_model, make_take
from tests.generations.orders import ORDER, Press
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ACTIONS = {
    "UNKNOWN": "Retry",
    "INVALID_ARGUMENT": "Change the shot",
    "NOT_FOUND": "Retry",
    "ALREADY_EXISTS": "Retry",
    "ALREADY_IN_PROGRESS": "Retry",
    "UNAUTHORIZED": "Retry",
    "PERMISSION_DENIED": "Choose another model",
    "MISSING_CREDITS": "See what fits",
    "MODERATION_FAILED": "Soften the prompt",
    "FAILED_PRECONDITION": "Choose another image",
    "DEADLINE_EXCEEDED": "Make it shorter",
    "RESOURCE_EXHAUSTED": "Retry",
    "UNAVAILABLE": "Retry",
    "INTERNAL": "Retry",
}
OURS = {
    failures.UPLOAD_FAILED: "Retry",
    failures.UNREACHABLE: "Retry",
    failures.RESULT_UNREADABLE: "Fetch again",
    failures.LOST: "Retry",
    failures.STALLED: "Retry",
    failures.NOT_RUN: "Retry",
    failures.NO_ADDRESS: "Choose another model",
    "GENERATION_FAILED": "Retry",
}
CHARGES: dict[str, tuple[dict[str, Any], str]] = {
    "charged": ({"charged": Decimal(35), "sent_at": timezone.now()}, "35 credits were charged."),
    "refunded": ({"charged": Decimal(0), "sent_at": timezone.now()}, "Nothing was charged."),
    "unknown": ({"charged": None, "sent_at": timezone.now()}, "Whether it was charged is not known yet."),
    "never sent": ({"charged": None, "sent_at": None}, "Nothing was charged."),
}
BODY = {
    "type": "video",
    "generated_video_inputs": {"text_prompt": "A fox in the snow", "duration_ms": 8000},
}
MARKER = "Zebrafish-4711"


def failed(owner: User, code: str, **fields: Any) -> Generation:
    """A take with a start frame that has ended so."""
    model = fields.pop("ai_model", None) or make_model(name="Grok Video I2V", requires_start_frame=True)
    fields = {"body": BODY, "ai_model": model, "finished_at": timezone.now()} | fields
    take = make_take(owner, status=Status.ERROR, error_code=code, **fields)
    Input.objects.create(generation=take, asset=make_asset(owner), role="start_frame")
    return take


def looks(client: Client, take: Generation) -> list[str]:
    """The card and the page of a take."""
    gallery = client.get("/gallery/").content.decode()
    card = gallery.split(f'id="take-{take.pk}"')[1].split("</article>")[0]
    page = client.get(take.get_absolute_url()).content.decode()
    return [card, page.split('class="detail-stage"')[1].split('class="detail-side"')[0]]


def test_no_code_of_the_api_is_forgotten() -> None:
    """ErrorCode of the API's document has fourteen; UNKNOWN is what any other becomes."""
    assert len(ACTIONS) == 14
    assert [code for code in ACTIONS if not failures.is_known(code)] == ["UNKNOWN"]


@pytest.mark.parametrize("charge", CHARGES)
@pytest.mark.parametrize("code", ACTIONS | OURS)
def test_card_and_page_say_what_happened_what_it_cost_and_what_helps(
    client: Client, owner: User, code: str, charge: str
) -> None:
    fields, sentence = CHARGES[charge]
    take = failed(owner, code, **fields)
    for text in looks(client, take):
        assert escape(take.failure.title) in text
        assert escape(take.failure.advice) in text
        assert sentence in text
        assert (ACTIONS | OURS)[code] in text
        assert ("is-calm" in text) is (code == "MISSING_CREDITS")
        if take.failure.fix:
            assert f"{take.again_url}#{take.failure.anchor}" in text


def test_what_was_paid_before_is_told_apart(client: Client, owner: User) -> None:
    take = failed(owner, "INTERNAL", charged=Decimal(0), charged_before=Decimal(35))
    for text in looks(client, take):
        assert "Nothing was charged. Earlier tries cost 35 credits." in text


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("The start frame shows no face", "start_frame"),
        ("no face was found in your picture", "start_frame"),
        ("audio is longer than 60 seconds", ""),  # it has none
        ("generated_video_inputs.duration_ms: Input should be at most 5000", "duration_ms"),
        ("generated_video_inputs.text_prompt: too many characters", "prompt"),
        ("model_slug: unknown", "model"),
        ("something went wrong", ""),
        ("", ""),
    ],
)
def test_the_part_that_the_service_names(said: str, part: str) -> None:
    assert parts.named(said, ["start_frame"]) == part


def test_a_named_input_is_named_and_led_to(client: Client, owner: User) -> None:
    take = failed(owner, "MODERATION_FAILED", error_part="start_frame")
    for text in looks(client, take):
        assert "The service named the start frame." in text
        assert "Choose another image" in text
        assert f"{take.again_url}#id_start_frame_file" in text


def test_each_fix_leads_to_a_place_that_is_there(client: Client, owner: User) -> None:
    model = make_model(
        inputs=[{"mode": "start_end_frame", "slots": [{"type": "image", "role": "start_frame"}]}]
    )
    take = failed(owner, "INTERNAL", ai_model=model)
    page = client.get(take.again_url, follow=True).content.decode()
    names = ["prompt", "model", "price", "duration_ms", "resolution", "aspect_ratio", "start_frame"]
    for name in names:
        assert f'id="{parts.PARTS[name].anchor}"' in page, name


def test_without_a_length_nothing_can_be_made_shorter(client: Client, owner: User) -> None:
    take = failed(owner, "DEADLINE_EXCEEDED", body={"type": "video"})
    for text in looks(client, take):
        assert "Make it shorter" not in text
        assert "Retry" in text


def test_of_what_was_ordered_elsewhere_no_retry_is_spoken_of(client: Client, owner: User) -> None:
    take = failed(owner, "UNKNOWN", imported=True)
    for text in looks(client, take):
        assert "Make one like it." in text
        assert "ry again" not in text.lower()
        assert "Retry" not in text
    assert "Soften the prompt" in looks(client, failed(owner, "MODERATION_FAILED", imported=True))[0]


def test_missing_credits_are_told_with_what_is_there(client: Client, owner: User) -> None:
    Account.objects.current()
    Account.objects.update(balance=Decimal(20), balance_at=timezone.now())
    take = failed(owner, "MISSING_CREDITS", charged=Decimal(0))
    card, page = looks(client, take)
    assert "you have 20" in card
    assert "you have 20" in page
    assert "at Hedra" in page


def test_a_service_at_its_limit_is_waited_for(client: Client, owner: User) -> None:
    take = failed(owner, "RESOURCE_EXHAUSTED")
    assert all('data-wait="' in text for text in looks(client, take))
    Generation.objects.update(finished_at=timezone.now() - timedelta(minutes=5))
    assert not any("data-wait" in text for text in looks(client, take))
    account = Account.objects.current()
    Rest.objects.failed(account.pk, Unavailable("busy", retry_after=40))
    assert all('data-wait="40"' in text for text in looks(client, take))


def test_earlier_tries_are_kept_on_the_page(client: Client, owner: User) -> None:
    take = failed(owner, "MODERATION_FAILED", charged=Decimal(35), sent_at=timezone.now())
    assert "Earlier tries" not in client.get(take.get_absolute_url()).content.decode()
    assert take.retry()
    ended = {"status": Status.ERROR, "error_code": "INTERNAL", "finished_at": timezone.now()}
    Generation.objects.update(**ended, charged=None, sent_at=None)
    assert Generation.objects.get().retry()
    page = client.get(take.get_absolute_url()).content.decode()
    tries = page.split("Earlier tries</h2>")[1].split("</ol>")[0]
    assert tries.count("<li>") == 2
    assert tries.index("Blocked by moderation") < tries.index("had an error of its own")
    assert "35 credits were charged." in tries
    assert "Nothing was charged." in tries
    assert FailedTry.objects.filter(failed_at=None).count() == 0


def test_a_try_that_was_given_back_says_so(client: Client, owner: User) -> None:
    """As the receipt beside it does, before it is tried again and after."""
    take = failed(owner, "INTERNAL", charged=Decimal(35), sent_at=timezone.now(), service_id="there")
    take.charged = Decimal(0)
    take.save(update_fields=["charged"])
    assert "35 credits were charged and given back." in looks(client, take)[1]
    assert take.retry()
    page = client.get(take.get_absolute_url()).content.decode()
    tries = page.split("Earlier tries</h2>")[1].split("</ol>")[0]
    assert "35 credits were charged and given back." in tries
    assert "Nothing was charged." not in tries
    assert page.count("Given back") == 1


# Nothing of the service's own words


def assert_unsaid(client: Client, take: Generation) -> None:
    pages = ["/gallery/", "/create/", "/catalog/", "/catalog/changes/", "/catalog/voices/"]
    for path in [*pages, take.get_absolute_url()]:
        assert MARKER not in client.get(path, follow=True).content.decode(), path


@pytest.mark.parametrize("code", ACTIONS)
def test_why_it_failed_there_is_never_shown_in_its_words(client: Client, owner: User, code: str) -> None:
    take = make_take(owner, status=Status.PROCESSING, sent_at=timezone.now())
    [held] = Generation.objects.claim(take.account, 1)
    state = GenerationState(
        id=str(take.remote_id), asset_id=None, status="error", progress=0.5, url=None,
        download_url=None, streaming_url=None, error=RemoteError(code, f"{MARKER} the prompt"),
    )  # fmt: skip
    lifecycle.apply(held, state)
    take.refresh_from_db()
    assert (take.error_code, take.error_part) == (code, "prompt")
    assert_unsaid(client, take)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 418, 422, 503])
@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"loc": ["body", MARKER], "msg": MARKER, "input": MARKER}], "message": MARKER},
        f"<html>{MARKER}</html>",
    ],
    ids=["fields", "page"],
)
def test_no_refusal_is_shown_in_its_words(
    studio: Studio, press: Press, client: Client, status: int, body: Any
) -> None:
    [take] = press()
    studio.sandbox.fault("answer", status=status, body=body, match=ORDER)
    tasks.drain()
    studio.sandbox.fault("answer", status=status, body=body, match={"method": "GET"}, times=0)
    told = client.post("/catalog/sync/", follow=True).content.decode()
    assert MARKER not in told
    assert_unsaid(client, take)
    assert MARKER not in json.dumps(list(Generation.objects.values("note", "error_message")), default=str)
