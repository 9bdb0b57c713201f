"""Orders at Hoox whose answer got lost. Nobody can ask about them, but news of one, or a person, can name
what it made; that is believed once the service knows such an asset."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Account
from catalog.services import HOOX
from clients.errors import Rejected
from generations import failures, moving
from generations.models import By, FailedTry, Generation, News, Status
from generations.models.status import schedule

from . import hoox

_ASSET_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def is_asset_id(text: object) -> bool:
    return isinstance(text, str) and bool(_ASSET_ID.fullmatch(text))


class NotThisOrder(Rejected):
    """The asset can't be what the take's order has made."""


def recognise(take: Generation, asset_id: str, by: By) -> None:
    """Let an unclear take go on as this asset, once Hoox says that there is one. Raises ServiceError."""
    _check(take, asset_id)
    if not _turned_up(take, asset_id, by):
        raise NotThisOrder("This asset belongs to another take, or the take is not unclear any more.")


def _check(card: Generation, asset_id: str) -> None:
    """Ask whether there is such an asset, made as the card's orders are. With a new key, the card becomes
    the new key's."""
    if not is_asset_id(asset_id):
        raise NotThisOrder("This is no id of an asset. Nothing was changed.")
    account = _in_use(card.account)
    state = account.hoox().status(asset_id)
    if state.model and state.model != card.body.get("model"):
        raise NotThisOrder("This asset was made with another model. Nothing was changed.")
    if account != card.account:
        moving.move_card(card, account)


def _in_use(account: Account) -> Account:
    """The account by the key of now: Hoox ends the old key when a new one is made."""
    same = (one for one in Account.objects.connected() if one.service == account.service)
    found = account if account.is_current else next(same, account)
    return found if found.sandbox == account.sandbox else account


def _turned_up(take: Generation, asset_id: str, by: By) -> bool:
    try:
        with transaction.atomic():
            return not hoox.is_taken(take, asset_id) and take.turn_up(asset_id, by)
    except IntegrityError:  # another take was given it a moment ago
        return False


def awaits_news(pk: int, remote_id: str | UUID) -> bool:
    """Whether the card's order is its present one, or one that people took for lost and ordered anew."""
    present = Generation.objects.filter(pk=pk, remote_id=remote_id)
    return present.exists() or _taken_for_lost(pk, remote_id) is not None


def _taken_for_lost(pk: int, remote_id: str | UUID) -> FailedTry | None:
    tries = FailedTry.objects.filter(generation=pk, remote_id=remote_id, error_code=failures.NOT_RUN)
    return tries.select_related("generation__account").first()


def hear(news: News) -> None:
    """An order is said to have made this asset. Raises ServiceError when that can't be believed."""
    pk, remote_id = news.generation_id, news.remote_id
    if not awaits_news(pk, remote_id):
        return
    _check(Generation.objects.select_related("account").get(pk=pk), news.asset_id)
    # While Hoox was asked, somebody may have taken the order for lost and ordered anew.
    present = Generation.objects.filter(pk=pk, remote_id=remote_id).first()
    if present and not present.service_id and not _turned_up(present, news.asset_id, By.NEWS):
        raise NotThisOrder("This asset belongs to another take, or the take is not unclear any more.")
    if not present and (failed := _taken_for_lost(pk, remote_id)):
        _give_card(failed, news.asset_id)


@transaction.atomic
def _give_card(failed: FailedTry, asset_id: str) -> None:
    """What ran after all is paid for: it becomes a card of its own beside the one that was ordered anew."""
    card, now = failed.generation, timezone.now()
    if hoox.is_taken(card, asset_id) or card.service_id == asset_id:
        raise NotThisOrder("This asset belongs to another take.")
    failed.disown()
    alike = (
        "owner_id",
        "account_id",
        "ai_model_id",
        "model_name",
        "type",
        "prompt",
        "aspect_ratio",
        "resolution",
    )
    Generation.objects.create(
        **{name: getattr(card, name) for name in alike},
        body={name: value for name, value in card.body.items() if name not in hoox.ADDED},
        imported=True,
        remote_id=failed.remote_id,
        remote_asset_id=None,
        service_id=asset_id,
        sent_at=failed.retried_at,
        submitted_at=now,
        status=Status.QUEUED,
        **schedule(Status.QUEUED),
    )


def doubts_sql(moment: datetime, vendor: str) -> str:
    """For a database that is put back as it was at that moment: what was about to be ordered then may have
    been ordered since, by whoever went on with it. Hedra knows the reserved ids; here nobody can be asked.

    Plain SQL, for it has to be done before anything works with the database, whose schema may be older."""
    said = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") + ("+00" if vendor == "postgresql" else "")
    schema = "public." if vendor == "postgresql" else ""
    return f"""
        UPDATE {schema}generations_generation
        SET status = '{Status.UNCLEAR}', error_code = '{failures.UNCLEAR}', error_message = '', note = '',
            sent_at = '{said}', updated = '{said}', attempts = 0,
            next_attempt_at = NULL, deadline_at = NULL, lease_owner = NULL, lease_until = NULL
        WHERE sent_at IS NULL AND deleted_at IS NULL
          AND status IN ('{Status.PREPARING}', '{Status.SUBMITTING}')
          AND account_id IN (SELECT id FROM {schema}catalog_account WHERE service = '{HOOX}');
    """  # noqa: S608 - none of it comes from outside
