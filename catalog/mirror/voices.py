"""Keep the mirror of a service's voices true. The service is asked before a transaction, never within."""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.mirror import voice_labels
from catalog.models import Account, Voice
from catalog.services import HEDRA
from clients.answers import RemoteAsset
from clients.errors import ServiceError
from clients.hedra import HedraClient

log = logging.getLogger(__name__)

RETRY_PAUSE_S = 60
FIRST_RETRY_PAUSE_S = 1
UNNAMED = "Unnamed voice"
_LONGEST_ID = 200
_LONGEST_NAME = 200
_LONGEST_SOURCE = 60
_MIRRORED = ("name", "description", *voice_labels.FILTERED, "labels", "source", "preview_url")
_SAVED = (*_MIRRORED, "retired_at", "preview_at")


@dataclass(frozen=True)
class VoiceReport:
    """What a sync did to how many voices. With an error, nothing."""

    added: int = 0
    retired: int = 0
    returned: int = 0
    error: str = ""
    """A sentence for people."""


def sync(account: Account, client: HedraClient | None = None) -> VoiceReport:
    """Mirror the voices now. A failed, empty or unreadable answer changes only `account.voices_error`.

    `client` is one with less patience, for when somebody waits.
    """
    account.voices_tried_at = timezone.now()
    try:
        answer = (client or account.client()).list_voices()
    except ServiceError as error:
        log.warning("reading the voices failed: %s (%s)", error, error.detail)
        return _fail(account, str(error))
    voices = _usable(answer.voices)
    if not voices and (answer.raw_count or account.voices.filter(retired_at=None).exists()):
        return _fail(account, _emptiness(account, answer.raw_count))
    return _store(account, voices)


def sync_if_due(account: Account, max_age_s: float = 1800) -> VoiceReport | None:
    """Sync unless the last one is younger; None when it wasn't due, or the service has no voices.

    Of several processes that ask at once, one does it. A failed one is due again after RETRY_PAUSE_S,
    before the first success sooner: the service may still be starting beside us.
    """
    if account.service != HEDRA:
        return None
    now = timezone.now()
    young = now - timedelta(seconds=max_age_s)
    old = Q(voices_synced_at=None) | Q(voices_synced_at__lte=young) | ~Q(voices_error="")
    pause_s = min(max_age_s, RETRY_PAUSE_S if account.voices_synced_at else FIRST_RETRY_PAUSE_S)
    free = Q(voices_tried_at=None) | Q(voices_tried_at__lte=now - timedelta(seconds=pause_s))
    claimed = Account.objects.filter(old, free, pk=account.pk).update(voices_tried_at=now)
    return sync(account) if claimed else None


def _usable(answer: Iterable[RemoteAsset]) -> list[RemoteAsset]:
    """Each voice once. One whose id is too long for its column can't be asked for, so it is left out."""
    found: dict[str, RemoteAsset] = {}
    for asset in answer:
        if len(asset.id) <= _LONGEST_ID and _is_voice(asset):
            found.setdefault(asset.id, asset)
    return list(found.values())


def _is_voice(asset: RemoteAsset) -> bool:
    """By either of its two types; what names none came in a list of voices."""
    types = {asset.type, asset.kind} - {"", None}
    return not types or "voice" in types


def _emptiness(account: Account, count: int) -> str:
    if count:
        return f"{account.label} sent {count} voices and none of them can be used. The list stays as it was."
    return f"{account.label} sent an empty list of voices. The list stays as it was."


def _fail(account: Account, error: str) -> VoiceReport:
    account.voices_error = error
    account.save(update_fields=["voices_error", "voices_tried_at"])
    return VoiceReport(error=error)


@transaction.atomic
def _store(account: Account, voices: list[RemoteAsset]) -> VoiceReport:
    # One sync at a time: the second finds what the first has added.
    Account.objects.select_for_update().get(pk=account.pk)
    mirror = _Mirror(account)
    for voice in voices:
        mirror.take(voice)
    report = mirror.save()
    account.voices_synced_at, account.voices_error = mirror.now, ""
    account.save(update_fields=["voices_synced_at", "voices_tried_at", "voices_error"])
    return report


class _Mirror:
    """The rows of one account while an answer is laid over them."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.now = timezone.now()
        self.rows = {row.remote_id: row for row in Voice.objects.filter(account=account)}
        self.seen: set[int] = set()
        self.new: list[Voice] = []
        self.changed: list[Voice] = []
        self.returned = 0

    def take(self, voice: RemoteAsset) -> None:
        row = self.rows.get(voice.id)
        if row is None:
            self._add(voice)
        else:
            self.seen.add(row.pk)
            self._update(row, voice)

    def _add(self, voice: RemoteAsset) -> None:
        seen = {"first_seen": self.now, "last_seen": self.now}
        self.new.append(Voice(account=self.account, remote_id=voice.id, **seen, **_columns(voice)))

    def _update(self, row: Voice, voice: RemoteAsset) -> None:
        before = [getattr(row, name) for name in _SAVED]
        columns = _columns(voice)
        if is_another(row.preview_url, str(columns["preview_url"])):
            row.preview_at = None
        self.returned += row.retired_at is not None
        row.retired_at = None
        for name, value in columns.items():
            setattr(row, name, value)
        if before != [getattr(row, name) for name in _SAVED]:
            self.changed.append(row)

    def save(self) -> VoiceReport:
        Voice.objects.bulk_create(self.new, batch_size=100)
        Voice.objects.bulk_update(self.changed, _SAVED, batch_size=100)
        kept = [row for row in self.rows.values() if row.pk in self.seen]
        Voice.objects.filter(pk__in=[row.pk for row in kept]).update(last_seen=self.now)
        gone = [row.pk for row in self.rows.values() if row.pk not in self.seen and row.retired_at is None]
        Voice.objects.filter(pk__in=gone).update(retired_at=self.now)
        return VoiceReport(len(self.new), len(gone), self.returned)


def _columns(voice: RemoteAsset) -> dict[str, object]:
    """What the service says, cut to what our columns hold."""
    return {
        "name": voice.name.strip()[:_LONGEST_NAME] or UNNAMED,
        "description": (voice.description or "").strip(),
        "labels": voice.labels,
        "source": (voice.source or "")[:_LONGEST_SOURCE],
        "preview_url": voice.preview_url or "",
        **asdict(voice_labels.known(voice.labels)),
    }


def is_another(before: str, now: str) -> bool:
    """Whether a link leads to another recording: its query is only a signature that changes each time."""
    return before.partition("?")[0] != now.partition("?")[0]
