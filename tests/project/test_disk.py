"""The studio's own storage: a file appears whole or not at all, and is not copied when it can be moved."""

import errno
import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File

from hedra_studio import disk
from hedra_studio.disk import DiskStorage
from hedra_studio.files import Movable


@pytest.fixture
def storage(tmp_path: Path) -> DiskStorage:
    return DiskStorage(location=tmp_path / "media")


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    path = tmp_path / "finished"
    path.write_bytes(b"clip")
    return path


def save(storage: DiskStorage, name: str, path: Path) -> str:
    with path.open("rb") as file:
        return storage.save(name, Movable(file, str(path)))


def test_a_finished_file_is_moved(storage: DiskStorage, finished: Path) -> None:
    node = finished.stat().st_ino
    name = save(storage, "a/b/clip.mp4", finished)
    assert Path(storage.path(name)).stat().st_ino == node
    assert not finished.exists()


def test_other_content_is_written(storage: DiskStorage, tmp_path: Path) -> None:
    name = storage.save("a/clip.mp4", ContentFile(b"clip"))
    assert storage.open(name).read() == b"clip"
    assert [path.name for path in (tmp_path / "media/a").iterdir()] == ["clip.mp4"]


def test_a_name_that_is_taken_is_left_alone(storage: DiskStorage, finished: Path) -> None:
    first = storage.save("clip.mp4", ContentFile(b"the first"))
    second = save(storage, "clip.mp4", finished)
    assert first != second
    assert (storage.open(first).read(), storage.open(second).read()) == (b"the first", b"clip")


def test_what_lies_on_another_disk_is_copied_whole(
    storage: DiskStorage, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_is_on_one_disk", lambda given, folder: False)
    name = save(storage, "clip.mp4", finished)
    assert storage.open(name).read() == b"clip"
    assert finished.read_bytes() == b"clip"


def test_a_disk_that_fills_up_leaves_nothing_half(storage: DiskStorage, tmp_path: Path) -> None:
    class Endless(File):  # type: ignore[type-arg]
        def chunks(self, chunk_size: int | None = None):  # type: ignore[no-untyped-def]
            yield b"beginning"
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space"):
        storage.save("clip.mp4", Endless(None, "clip.mp4"))
    assert list((tmp_path / "media").iterdir()) == []


def test_file_and_folders_reach_the_disk_before_save_returns(
    storage: DiskStorage, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("only Linux tells the name of an open file")
    monkeypatch.setattr(os, "fsync", noted)
    save(storage, "2026/11/clip.mp4", finished)
    root = Path(storage.location)
    assert flushed == [str(finished), str(root / "2026/11"), str(root / "2026"), str(root)]
