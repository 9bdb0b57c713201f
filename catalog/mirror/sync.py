"""Keep the mirror of a service's catalog true. The service is asked before a transaction, never within."""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from django.db import transaction
from django.db.models import CharField, Q, TextField
from django.utils import timezone

from catalog.makers import maker_of
from catalog.mirror import diary
from catalog.models import Account, AIModel, AskedPrice, Change
from catalog.models.change import Kind
from clients.answers import AIModel as RemoteModel
from clients.answers import ModelList
from clients.errors import ServiceError

log = logging.getLogger(__name__)

MIRRORED = tuple(field.name for field in fields(RemoteModel) if field.name not in ("id", "slug", "raw"))
"""Fields that carry the same name at the service, in its client and in our table."""

RETRY_PAUSE_S = 60
FIRST_RETRY_PAUSE_S = 1
DETAILED = (
    "aspect_ratios",
    "resolutions",
    "default_resolution",
    "durations",
    "default_duration",
    "default_aspect_ratio",
    "max_prompt_length",
    "inputs",
    "settings",
)
"""What asking about one model alone tells better than the list: once asked, the list no longer decides it."""
_FIELDS = tuple(field.name for field in fields(RemoteModel))
_NAMES = ("slug", "remote_id", *MIRRORED)
_SAVED = (*_NAMES, "raw", "position", "retired_at", "detail_due")
_TEXT_LENGTHS = {
    field.name: field.max_length
    for field in AIModel._meta.concrete_fields
    if isinstance(field, CharField | TextField) and field.name in MIRRORED
}
_KEY_LENGTH = 200
_WORDED = ("error", "prices")
_DOUBT = timedelta(days=1)


@dataclass(frozen=True)
class SyncReport:
    """What a sync did to how many models. With an error, nothing."""

    added: int = 0
    updated: int = 0
    retired: int = 0
    returned: int = 0
    skipped: int = 0
    """Rows of the answer that could not be read."""
    error: str = ""
    """A sentence for people."""
    prices: int = 0
    """How many of the price lists changed."""

    @classmethod
    def last_of(cls, account: Account) -> Self:
        """Of the account's last good sync."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in account.sync_report.items() if name in known})

    def __str__(self) -> str:
        counts = {word: count for word, count in asdict(self).items() if count and word not in _WORDED}
        told = [f"{count} {word}" for word, count in counts.items()]
        told += [f"{self.prices} price{'s' if self.prices != 1 else ''} changed"] if self.prices else []
        return self.error or ", ".join(told) or "no changes"


def sync(account: Account) -> SyncReport:
    """Mirror the catalog now. A failed, empty or unreadable answer changes only `account.sync_error`."""
    account.sync_tried_at = asked_at = timezone.now()
    try:
        answer = account.list_models()
    except ServiceError as error:
        log.warning("catalog sync failed: %s (%s)", error, error.detail)
        return _fail(account, str(error))
    usable = [model for model in answer.models if _has_key(model)]
    if not usable:
        return _fail(account, _emptiness(account, answer))
    return _store(account, usable, answer.raw_count - len(usable), asked_at)


def sync_if_due(account: Account, max_age_s: float = 1800) -> SyncReport | None:
    """Sync unless the last one is younger; None when it wasn't due.

    Of several processes that ask at once, one does it. A failed one is due again after RETRY_PAUSE_S,
    before the first success sooner: the service may still be starting beside us.
    """
    now = timezone.now()
    old = Q(synced_at=None) | Q(synced_at__lte=now - timedelta(seconds=max_age_s)) | ~Q(sync_error="")
    pause_s = min(max_age_s, RETRY_PAUSE_S if account.synced_at else FIRST_RETRY_PAUSE_S)
    free = Q(sync_tried_at=None) | Q(sync_tried_at__lte=now - timedelta(seconds=pause_s))
    claimed = Account.objects.filter(old, free, pk=account.pk).update(sync_tried_at=now)
    return sync(account) if claimed else None


@dataclass
class _Entry:
    """One model of the answer, and its place there."""

    place: int
    model: RemoteModel

    def add(self, place: int, model: RemoteModel) -> None:
        """The same model once more: it fills gaps and contradicts nothing."""
        gaps = {name: getattr(model, name) for name in _FIELDS if getattr(self.model, name) in (None, "")}
        self.place, self.model = min(self.place, place), replace(self.model, **gaps)


def merged(models: Iterable[RemoteModel]) -> list[_Entry]:
    """Each model once: rows with the same slug, or with the same id and no other slug, are one model.

    An id that two slugs claim stays with the first.
    """
    entries: list[_Entry] = []
    by_slug: dict[str | None, _Entry] = {}
    by_id: dict[str | None, _Entry] = {}
    # Rows that carry both names come first: they tell which of the others are the same.
    for place, model in sorted(enumerate(models), key=lambda row: not (row[1].slug and row[1].id)):
        entry, twin = by_slug.get(model.slug), by_id.get(model.id)
        if twin and twin is not entry and model.slug and twin.model.slug:
            model, twin = replace(model, id=None), None
        entry = entry or twin
        if entry:
            entry.add(place, model)
        else:
            entry = _Entry(place, model)
            entries.append(entry)
        by_slug |= {model.slug: entry} if model.slug else {}
        by_id |= {model.id: entry} if model.id else {}
    return sorted(entries, key=lambda entry: entry.place)


def _has_key(model: RemoteModel) -> bool:
    """Whether it can be told from others: a name too long for its column can't be kept whole."""
    return bool(model.key) and max(len(model.slug or ""), len(model.id or "")) <= _KEY_LENGTH


def _emptiness(account: Account, answer: ModelList) -> str:
    kept = "The catalog stays as it was."
    if answer.raw_count:
        return f"{account.label} sent {answer.raw_count} models and none could be read. {kept}"
    return f"{account.label} sent an empty list of models. {kept}"


def _fail(account: Account, error: str) -> SyncReport:
    account.sync_error = error
    account.save(update_fields=["sync_error", "sync_tried_at"])
    return SyncReport(error=error)


@transaction.atomic
def _store(account: Account, models: list[RemoteModel], skipped: int, asked_at: datetime) -> SyncReport:
    # One sync at a time: the second finds what the first has added.
    stored = Account.objects.select_for_update().get(pk=account.pk)
    if stored.synced_at and stored.synced_at > asked_at:  # a slower answer than that of a later question
        account.refresh_from_db()
        return SyncReport()
    mirror = _Mirror(account, first=stored.synced_at is None)
    # Known slugs first: a row found by its slug must not be taken for a renamed one with the same id.
    for entry in sorted(merged(models), key=lambda entry: entry.model.slug not in mirror.by_slug):
        mirror.take(entry)
    report = mirror.save(skipped)
    account.synced_at, account.sync_error, account.sync_report = mirror.now, "", asdict(report)
    account.save(update_fields=["synced_at", "sync_tried_at", "sync_error", "sync_report"])
    return report


class _Mirror:
    """The rows of one account while an answer is laid over them."""

    def __init__(self, account: Account, *, first: bool) -> None:
        self.account = account
        self.first = first
        self.now = timezone.now()
        self.rows = list(AIModel.objects.filter(account=account))
        self.by_slug = {row.slug: row for row in self.rows if row.slug}
        self.by_id = {row.remote_id: row for row in self.rows if row.remote_id}
        self.seen: dict[int, AIModel] = {}
        self.new: list[AIModel] = []
        self.changed: list[AIModel] = []
        self.diary: list[Change] = []
        self.resaid: list[AIModel] = []
        """Rows of which the service says something else than before."""
        self.updated = self.returned = self.keyless = 0

    def take(self, entry: _Entry) -> None:
        row = self._find(entry.model)
        if row:
            self.seen[row.pk] = row
            self._update(row, entry)
        else:
            self._add(entry)

    def _find(self, model: RemoteModel) -> AIModel | None:
        """By slug, else by id; so an id-only row that gains a slug, or another one, stays the same row."""
        row = self.by_slug.get(model.slug or "") or self.by_id.get(model.id or "")
        return None if row is None or row.pk in self.seen else row

    def _add(self, entry: _Entry) -> None:
        row = AIModel(account=self.account, first_seen=self.now, last_seen=self.now)
        self._write(row, entry)
        if row.key:
            self.new.append(row)
        else:
            self.keyless += 1

    def _update(self, row: AIModel, entry: _Entry) -> None:
        before = diary.snapshot(row)
        self._write(row, entry)
        row.retired_at = None
        updated, returned = _facts(before) != _facts(row), before.retired_at is not None
        self.updated += updated
        self.returned += returned
        if updated or returned or (before.raw, before.position) != (row.raw, row.position):
            self.changed.append(row)
        if before.raw != row.raw:
            self.resaid.append(row)
        if returned:
            self.diary.append(diary.arrival(self.account, self.now, row, Kind.RETURNED))
        if updated:
            self.diary += diary.differences(self.account, self.now, before, row)

    def _write(self, row: AIModel, entry: _Entry) -> None:
        """A name that the service stops sending is kept, and one that another row holds is left there."""
        model, raw = entry.model, _as_stored(entry.model.raw)
        row.detail_due = row.detail_due or row.raw != raw
        for name, value in columns(model).items():
            if not (row.detail_at and name in DETAILED):
                setattr(row, name, value)
        row.raw, row.position = raw, entry.place
        row.slug = model.slug or row.slug
        if model.id and self.by_id.get(model.id, row) is row:
            row.remote_id = model.id

    def save(self, skipped: int) -> SyncReport:
        AIModel.objects.bulk_create(self.new)
        AIModel.objects.bulk_update(self.changed, _SAVED, batch_size=100)
        AIModel.objects.filter(pk__in=self.seen).update(last_seen=self.now)
        retired = self._vanished(doubt=skipped > 0)
        AIModel.objects.filter(pk__in=[row.pk for row in retired]).update(retired_at=self.now)
        if self.resaid:
            AskedPrice.objects.filter(model__in=self.resaid).forget_answers()
        self._tell(retired)
        prices = sum(change.kind == Kind.PRICE for change in self.diary)
        skipped += self.keyless
        return SyncReport(len(self.new), self.updated, len(retired), self.returned, skipped, prices=prices)

    def _tell(self, retired: list[AIModel]) -> None:
        """Write the diary. On the first sync everything is new, which nobody needs to read."""
        arrived = [] if self.first else self.new
        self.diary += [diary.arrival(self.account, self.now, row) for row in arrived]
        self.diary += [diary.retirement(self.account, self.now, row) for row in retired]
        Change.objects.bulk_create(self.diary)
        if self.new or self.changed or retired:
            self.account.touch()

    def _vanished(self, *, doubt: bool) -> list[AIModel]:
        """What the answer lacks. With unreadable rows in it, a missing model may be one of those."""
        missing = [row for row in self.rows if row.pk not in self.seen and row.retired_at is None]
        return [row for row in missing if not doubt or row.last_seen < self.now - _DOUBT]


def columns(model: RemoteModel) -> dict[str, Any]:
    """The mirrored facts as our columns hold them."""
    values = {name: getattr(model, name) for name in MIRRORED}
    values["maker"] = maker_of(model.name, model.slug or "", model.maker or "")
    return {name: _text(name, value) if name in _TEXT_LENGTHS else value for name, value in values.items()}


def _as_stored(value: Any) -> Any:
    """As every database gives it back. PostgreSQL writes numbers out: 1e300 returns as a whole number."""
    if isinstance(value, dict):
        return {name: _as_stored(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_as_stored(part) for part in value]
    large = isinstance(value, float) and abs(value) >= 2**53
    return int(Decimal(repr(value))) if large else value


def _text(name: str, value: str | None) -> str:
    return (value or "")[: _TEXT_LENGTHS[name]]


def _facts(row: AIModel) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMES}
