"""Takes made at Hoox. It takes no ids from us and lists nothing, so an order whose answer is lost stays
unclear until news of it, or a person, tells what became of it. It fetches inputs by links of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog import inputs, options
from catalog.models import Account, AIModel
from clients.answers import GenerationState, Started
from clients.errors import NotFound, Rejected, Unavailable
from clients.hoox import HooxClient
from clients.hoox_answers import SLOTS, whole_seconds
from generations import failures
from generations.models import REMOTE, Asset, By, Generation, Input, LeaseLost, Status

from . import links

log = logging.getLogger(__name__)

LOOKS_AT_ONCE = 10  # each is a call of its own
LOOKS_A_MINUTE = 30
"""Of the 100 requests a minute; the rest is for orders and prices."""
SOONEST_S, LATEST_S = 5.0, 60.0
KEPT_FREE = 5
"""Calls of a burst that are left to orders."""

NO_ADDRESS = (
    "Hoox fetches inputs from the internet, and this studio has no address there."
    " Set PUBLIC_URL in .env, or choose a model that needs no input. Nothing was ordered."
)
REFERENCES = "references"
_NAMED = {
    inputs.START_FRAME: Input.Role.START_FRAME,
    inputs.END_FRAME: Input.Role.END_FRAME,
    inputs.VIDEO: Input.Role.VIDEO,
    inputs.AUDIO: Input.Role.AUDIO,
}
ADDED = {REFERENCES, "webhook_url", "file_name", *SLOTS}
"""What an order gains when it leaves."""


# The request


def body(model: AIModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """The request as far as people decide it: prompt, aspect_ratio, resolution, duration_ms, settings.

    Inputs, and where to send news, are added when it leaves."""
    asked = {
        "type": model.type,
        "model": model.slug,
        "prompt": values.get("prompt"),
        "duration": whole_seconds(values.get("duration_ms")) if model.duration_choices_ms else None,
        "aspect_ratio": values.get("aspect_ratio"),
        "resolution": values.get("resolution"),
        "model_settings": options.typed(model.settings, values.get("settings") or {}),
        "generation_count": 1,
    }
    return {name: value for name, value in asked.items() if value}


def can_send_inputs() -> bool:
    """Whether Hoox can fetch anything from here."""
    return bool(links.base_url())


def refusal(account: Account, assets: Iterable[Asset]) -> str:
    """Why an order with these inputs can't be made, or "": what was made at Hoox is there already."""
    needs_address = any(not _made_there(account, asset) for asset in assets)
    return NO_ADDRESS if needs_address and not can_send_inputs() else ""


def _made_there(account: Account, asset: Asset) -> str:
    """The id of a take's result at the service that made it, or ""."""
    made = asset.take
    return made.service_id if made and made.account_id == account.pk else ""


def _complete(take: Generation) -> dict[str, Any]:
    asked = {name: value for name, value in take.body.items() if name not in ADDED}
    news = {"webhook_url": links.hook_url(take)} if links.base_url() else {}
    return {**asked, **_inputs(take), "file_name": take.name_there, **news}


def _inputs(take: Generation) -> dict[str, Any]:
    """Each input in the field that the model has for it; what has none is a reference, pictures first."""
    names, found = _names(take.ai_model), dict[str, Any]()
    for item in sorted(_held(take), key=lambda item: item.role != Input.Role.REFERENCE_IMAGE):
        if item.role in names:
            found[names[item.role]] = _source(take.account, item.asset)
        else:
            found.setdefault(REFERENCES, []).append(_source(take.account, item.asset))
    return found


def _held(take: Generation) -> list[Input]:
    return list(take.input_set.select_related("asset__take"))


def _names(model: AIModel | None) -> dict[str, str]:
    """Role → the field of an order, for what the model calls by a name of its own."""
    slots = [slot for mode in (model.inputs if model else None) or [] for slot in mode["slots"]]
    named = [slot for slot in slots if slot["role"] in _NAMED and "name" in slot]
    return {_NAMED[slot["role"]].value: slot["name"] for slot in named}


def _source(account: Account, asset: Asset) -> dict[str, str]:
    made = _made_there(account, asset)
    return {"asset_id": made} if made else {"url": links.input_url(asset)}


# The steps


def prepare(take: Generation) -> float | None:
    """Nothing is uploaded; but what can't be fetched need not be ordered."""
    if why := refusal(take.account, [item.asset for item in _held(take)]):
        take.fail(failures.NO_ADDRESS, why, charged=0)
    else:
        take.enter(Status.SUBMITTING)
    return None


def submit(take: Generation) -> float | None:
    """Order once. Whatever may have left before is never sent again."""
    if take.service_id:  # given up while it ran; it is looked at again
        take.enter(Status.QUEUED)
    elif take.sent_at:
        _lose(take, "the process ended before the answer came")
    else:
        _order(take, take.account.hoox())
    return None


def _order(take: Generation, client: HooxClient) -> None:
    take.write(sent_at=timezone.now(), body=_complete(take), updated=take.updated)
    try:
        answer = client.start(take.body)
    except (Rejected, Unavailable) as error:
        if error.may_have_acted:
            _lose(take, error.detail)
            return
        take.write(sent_at=None, updated=take.updated)
        raise
    _accept(take, answer)


def _accept(take: Generation, answer: Started) -> None:
    asset_id, *more = answer.asset_ids
    if more:
        log.error("one was ordered, %s came: %s", 1 + len(more), more)
    if is_taken(take, asset_id):
        _lose(take, f"the answer names {asset_id}, which another take has")
        return
    try:
        take.enter(Status.QUEUED, service_id=asset_id, submitted_at=timezone.now(), charged=answer.cost)
    except LeaseLost:  # another worker took the order for lost, but here is its answer
        take.turn_up(asset_id, By.NEWS)
        raise


def is_taken(take: Generation, asset_id: str) -> bool:
    """Whether another take has this result already."""
    others = Generation.objects.filter(account=take.account_id, service_id=asset_id)
    return others.exclude(pk=take.pk).exists()


def _lose(take: Generation, why: str) -> None:
    log.warning("the order is unclear: %s", why)
    take.enter(Status.UNCLEAR, error_code=failures.UNCLEAR, error_message="")


def look(account: Account, takes: Sequence[Generation]) -> Callable[[Generation], GenerationState]:
    """One call for each take: there is none for many."""
    client = account.hoox(keep=KEPT_FREE)
    return lambda take: _state(client, take)


def _state(client: HooxClient, take: Generation) -> GenerationState:
    """Hoox gives back what a failed take cost, without telling the sum."""
    state = client.status(take.service_id)
    return replace(state, credit_cost=Decimal(0)) if state.status == "error" else state


def next_look_s(take: Generation) -> float:
    """The more takes run, the rarer each is looked at; a call of Hoox's makes a look due at once."""
    running = Generation.objects.running().in_status(REMOTE).filter(account=take.account_id).count()
    return min(LATEST_S, max(SOONEST_S, running * 60 / LOOKS_A_MINUTE))


def fresh_link(take: Generation) -> tuple[HooxClient, str, dict[str, Any]]:
    """The result's link as it is now, with the charge when the answer carries it."""
    client = take.account.hoox(keep=KEPT_FREE)
    try:
        state = client.status(take.service_id)
    except NotFound as error:
        raise Unavailable(
            "Hoox doesn't show the finished take at the moment.", detail=error.detail
        ) from error
    if not state.media_url:
        raise Unavailable("Hoox says that it is ready but gives no link yet.")
    return client, state.media_url, {} if state.credit_cost is None else {"charged": state.credit_cost}
