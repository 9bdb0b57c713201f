"""Previews of voices: copied on first demand, checked, and kept, so that no page leads to the service."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from catalog.mirror import voices
from catalog.mirror.sound import NoSound, Sound, check
from catalog.models import Voice
from clients.errors import LinkExpired, Rejected, ServiceError, TooLarge
from clients.hedra import HedraClient

log = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 10
PATIENCE_S = 20
"""Somebody waits: a recording of a few seconds that takes longer is not worth it."""
PAUSE_AFTER_FAILURE = timedelta(seconds=10)
"""So long a failure is told again without asking again: players ask in bursts."""


class NoPreview(Exception):
    """It can't be heard; str(error) is a sentence for people."""


def ensure_copy(voice: Voice) -> None:
    """Afterwards `voice.preview` can be served. Raises NoPreview; an old copy does while no new one comes."""
    if voice.preview_at and _is_copied(voice):
        return
    try:
        if _failed_just_now(voice):
            raise NoPreview(voice.preview_error)
        _copy(voice)
    except NoPreview:
        if not _is_copied(voice):
            raise
    if not _is_copied(voice):
        raise NoPreview("The service has just replaced the preview. Try again.")


def _is_copied(voice: Voice) -> bool:
    name = voice.preview.name
    return bool(name and default_storage.exists(name))


def _failed_just_now(voice: Voice) -> bool:
    tried = voice.preview_tried_at
    return bool(voice.preview_error and tried and tried > timezone.now() - PAUSE_AFTER_FAILURE)


def _copy(voice: Voice) -> None:
    """Fetch, check and keep it. Each try writes files of its own, so that two at once don't mix."""
    try:
        with _temporary() as path:
            _fetch(voice, path)
            _keep(voice, path, check(path))
    except NoSound as error:
        raise _failure(voice, f"The service's preview can't be used. {error}") from error
    except ServiceError as error:
        log.warning("preview of voice %s: %s (%s)", voice.pk, error, error.detail)
        raise _failure(voice, _in_words_of_previews(error)) from error


def _fetch(voice: Voice, path: Path) -> None:
    """Through the account's client; a link that has expired is asked for anew, once."""
    client = voice.account.client(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=0)
    try:
        _download(client, voice.preview_url, path)
    except LinkExpired:
        if voices.sync(voice.account, client).error:
            raise
        voice.refresh_from_db()
        _download(client, voice.preview_url, path)


def _download(client: HedraClient, url: str, path: Path) -> None:
    if not url:
        raise NoSound("The service offers none for this voice.")
    until = monotonic() + PATIENCE_S
    with client.download(url, most_bytes=MOST_BYTES) as download, path.open("wb") as file:
        for chunk in download.chunks():
            file.write(chunk)
            if monotonic() > until:
                raise NoSound("It came too slowly; try again in a while.")


@contextmanager
def _temporary() -> Iterator[Path]:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix="voice-", delete=False) as file:
        path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _keep(voice: Voice, path: Path, sound: Sound) -> None:
    """The row names its file only once that is whole. Of two copied at once, the first one stays."""
    name = _store(voice, path, sound)
    facts = {
        "preview": name,
        "preview_type": sound.content_type,
        "preview_ms": sound.duration_ms,
        "preview_at": timezone.now(),
        "preview_error": "",
    }
    unwanted = voice.preview.name if _write(voice, facts) else name
    if unwanted:
        with suppress(OSError):  # somebody may be listening to it, which some systems take for a reason
            default_storage.delete(unwanted)
    voice.refresh_from_db()


@transaction.atomic
def _write(voice: Voice, facts: Mapping[str, object]) -> bool:
    """False, and nothing written, when somebody else kept a copy or the service offers another recording."""
    row = Voice.objects.select_for_update().get(pk=voice.pk)
    if row.preview.name != voice.preview.name or voices.is_another(row.preview_url, voice.preview_url):
        return False
    Voice.objects.filter(pk=voice.pk).update(**facts)
    return True


def _store(voice: Voice, path: Path, sound: Sound) -> str:
    """Under a name of its own: what is at one address never changes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        return default_storage.save(
            f"voices/{voice.pk}-{digest}-{uuid4().hex[:8]}.{sound.extension}", File(file)
        )


def _failure(voice: Voice, words: str) -> NoPreview:
    voice.preview_error, voice.preview_tried_at = words, timezone.now()
    voice.save(update_fields=["preview_error", "preview_tried_at"])
    return NoPreview(words)


def _in_words_of_previews(error: ServiceError) -> str:
    """The same failure, said of a preview: links otherwise lead to results that people wait for."""
    if isinstance(error, TooLarge):
        return f"The preview is larger than the {MOST_BYTES // MEGABYTE} MB that the studio takes."
    if isinstance(error, LinkExpired):
        return "The service gave a link to the preview that doesn't work. Try again in a while."
    if isinstance(error, Rejected):
        return "The preview's address leads where the studio doesn't follow."
    return "The service's preview can't be reached at the moment. Try again in a while."
