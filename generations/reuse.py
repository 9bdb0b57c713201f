"""What a take has made becomes an input: the same file by another name, not sent again where it was made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile, TemporaryDirectory

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from catalog.services import HEDRA

from . import uploads
from .media import extracts, waveform
from .media.probe import BadMedia
from .models import Asset, Generation, Upload
from .uploads import base_of, sha256_of

GONE = "The file of this take is not here any more, so it can't be used."


def asset_of(take: Generation) -> Asset:
    """The asset whose file is the take's result. Raises BadMedia when that file is gone."""
    with on_disk(take.result) as path:
        digest = take.sha256 or sha256_of(path)
        known = Asset.objects.owned_by(take.owner).filter(sha256=digest).first()
        asset = known or _of_result(take, path, digest)
        share(take.result, str(asset.file.name))  # in case it has gone from the storage
    _belongs(asset, take)
    _is_there_already(asset, take)
    return asset


def still_of(take: Generation, *, last: bool) -> Asset:
    """The clip's first or last picture as an asset of its own. Raises BadMedia."""
    with on_disk(take.result) as path, TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        out = Path(folder) / "still.png"
        extracts.still(path, out, last=last)
        return _part(take, out, f"{'last' if last else 'first'}-frame.png")


def frame_of(take: Generation, at_ms: int) -> Asset:
    """The picture that the clip shows at this moment as an asset of its own. Raises BadMedia."""
    with on_disk(take.result) as path, TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        out = Path(folder) / "still.png"
        extracts.frame_at(path, out, at_ms)
        return _part(take, out, f"frame-{at_ms}.png")


def sound_of(take: Generation) -> Asset:
    """What is heard in the clip as an asset of its own. Raises BadMedia."""
    with on_disk(take.result) as path, TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        out = extracts.sound(path, Path(folder))
        return _part(take, out, out.name)


def _part(take: Generation, path: Path, name: str) -> Asset:
    """A part of the result: no service has it yet, but it is known where it comes from."""
    asset = uploads.keep(take.owner, path, f"{take.file_stem}-{name}")
    if asset.cropped_from is None and asset.take is None:
        asset.cropped_from = _whole(take)
        asset.save(update_fields=["cropped_from"])
    return asset


def _whole(take: Generation) -> Asset:
    """The result that a part was taken of; it comes into the library only when it is used itself."""
    same = Q(sha256=take.sha256) | Q(take=take)
    is_known = Asset.objects.owned_by(take.owner).filter(same).exists()
    asset = asset_of(take)
    if not is_known:
        asset.hidden_at = timezone.now()
        asset.save(update_fields=["hidden_at"])
    return asset


def source_of(asset: Asset) -> Generation | None:
    """The take whose result this is, or was cut from."""
    return asset.take or (asset.cropped_from.take if asset.cropped_from else None)


@contextmanager
def on_disk(file: FieldFile) -> Iterator[Path]:
    """A stored file as a path; one stored elsewhere is copied first. Raises BadMedia when it is gone."""
    if not file or not default_storage.exists(str(file.name)):
        raise BadMedia(GONE)
    if path := _path(str(file.name)):
        yield path
        return
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        with default_storage.open(str(file.name)) as source:
            shutil.copyfileobj(source, copy)
        copy.flush()
        yield Path(copy.name)


def _path(name: str) -> Path | None:
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


def _of_result(take: Generation, path: Path, digest: str) -> Asset:
    base, kind = base_of(take.owner_id, digest), take.result_kind
    asset, _ = Asset.objects.get_or_create(
        owner=take.owner,
        sha256=digest,
        defaults={
            "kind": kind,
            "name": take.file_name,
            "file": share(take.result, f"{base}{PurePath(str(take.result.name)).suffix}"),
            # A wave is drawn from its peaks wherever an asset is shown.
            "thumbnail": share(take.poster, f"{base}-thumbnail.webp") if kind != "audio" else "",
            "peaks": waveform.peaks(path) if kind == "audio" and not take.is_oversized else None,
            "size": take.size or path.stat().st_size,
            "content_type": take.content_type,
            "width": take.width,
            "height": take.height,
            "duration_ms": take.duration_ms,
        },
    )
    return asset


def share(file: FieldFile, name: str) -> str:
    """The file under another name, which outlives the first; "" without a file.

    On a disk both names mean the same bytes and take no more room; a bucket copies within itself. Names hold
    the content's hash: what is there already is the same file."""
    if not file or default_storage.exists(name):
        return name if file else ""
    source, target = _path(str(file.name)), _path(name)
    if source and target and _linked(source, target):
        return name
    if copy := getattr(default_storage, "copy", None):  # a bucket does that by itself
        copy(str(file.name), name)
        return name
    with default_storage.open(str(file.name)) as content:
        return default_storage.save(name, File(content))


def _linked(source: Path, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        return True
    except OSError:  # a file system without links
        return False
    return True


def _belongs(asset: Asset, take: Generation) -> None:
    asset.used, asset.hidden_at = timezone.now(), None
    if asset.take_id is None:
        asset.take = take
    asset.save(update_fields=["used", "hidden_at", "take"])


def _is_there_already(asset: Asset, take: Generation) -> None:
    """Where the take was made, its result is an asset already: nothing has to be sent."""
    if take.account.service != HEDRA or not take.remote_asset_id:
        return
    known = {"remote_id": take.remote_asset_id, "uploaded_at": timezone.now()}
    upload, is_new = Upload.objects.get_or_create(asset=asset, account=take.account, defaults=known)
    if not is_new:
        Upload.objects.filter(pk=upload.pk, uploaded_at=None).update(**known)
