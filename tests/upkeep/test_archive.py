"""The tar file: what was written comes out, and nothing else ever does."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from upkeep.backup.archive import Writer, files_below, unpack
from upkeep.backup.manifest import Manifest

pytestmark = pytest.mark.any_database

MANIFEST = Manifest(
    format=1,
    version="0.1.0",
    made="2026-11-03T12:00:00+00:00",
    database="sqlite",
    migrations=["catalog.0001_initial"],
    takes=1,
    assets=0,
)
CLIP = "media/takes/2026/11/1-clip.mp4"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "takes" / "2026" / "11").mkdir(parents=True)
    (folder / "takes" / "2026" / "11" / "1-clip.mp4").write_bytes(b"clip" * 100_000)
    (folder / "größe.png").write_bytes(b"")
    return folder


@pytest.fixture
def backup(tmp_path: Path, media: Path) -> Path:
    database, file = tmp_path / "database.sqlite3", tmp_path / "backup.tar"
    database.write_bytes(b"rows")
    with file.open("wb") as out:
        writer = Writer(out, tmp_path / "sums")
        writer.add(database.name, database)
        writer.add_folder("media", media)
        writer.finish(MANIFEST)
    return file


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in files_below(folder)}


def test_what_was_written_comes_out(backup: Path, place: Path, media: Path) -> None:
    manifest = unpack(backup, place)
    assert (manifest.takes, manifest.files, manifest.size) == (1, 3, 400_004)
    assert contents(place / "media") == contents(media)
    assert (place / "database.sqlite3").read_bytes() == b"rows"


@pytest.mark.skipif(not Path("/usr/bin/sha256sum").exists(), reason="macOS has shasum instead")
def test_everybodys_tools_can_check_it(backup: Path, place: Path) -> None:
    subprocess.run(["/bin/tar", "-xf", backup, "-C", place], check=True)
    subprocess.run(["/usr/bin/sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=place, check=True)


def test_a_file_that_goes_meanwhile_is_left_out(
    tmp_path: Path, media: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [media / "emptied.mp4"]
    monkeypatch.setattr("upkeep.backup.archive.files_below", lambda folder: [*gone, *files_below(folder)])
    file = tmp_path / "backup.tar"
    with file.open("wb") as out:
        writer = Writer(out, tmp_path / "sums")
        writer.add_folder("media", media)
        writer.finish(MANIFEST)
    assert unpack(file, place).files == 2


def test_a_folder_that_lies_on_another_disk_is_in_it(tmp_path: Path, media: Path) -> None:
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    (elsewhere / "clip.mp4").write_bytes(b"clip")
    (media / "assets").symlink_to(elsewhere)
    assert media / "assets" / "clip.mp4" in list(files_below(media))


def flipped(content: bytes) -> bytes:
    at = content.index(b"clipclip")
    return content[:at] + b"C" + content[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a byte of a clip": flipped,
    "cut in a clip": lambda content: content[:100_000],
    "cut before the manifest": lambda content: content[: content.index(b"manifest.json")],
    "empty": lambda content: b"",
    "no tar": lambda content: b"clip" * 5000,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_backup_is_refused(backup: Path, place: Path, damage: Callable[[bytes], bytes]) -> None:
    backup.write_bytes(damage(backup.read_bytes()))
    with pytest.raises(CommandError, match="Nothing was changed"):
        unpack(backup, place)


def rewritten(backup: Path, change: Callable[[tarfile.TarInfo], tarfile.TarInfo | None]) -> None:
    """The backup with its members changed, or left out."""
    with tarfile.open(backup) as old:
        members = [(member, file.read()) for member in old if (file := old.extractfile(member))]
    with tarfile.open(backup, "w", format=tarfile.PAX_FORMAT) as new:
        for member, content in members:
            if changed := change(member):
                new.addfile(changed, io.BytesIO(content))


def test_a_file_that_is_missing_or_too_many_is_noticed(backup: Path, place: Path) -> None:
    rewritten(backup, lambda member: None if member.name == CLIP else member)
    with pytest.raises(CommandError, match=f"{CLIP} is not as it was"):
        unpack(backup, place)


def test_a_renamed_file_is_noticed(backup: Path, place: Path) -> None:
    rewritten(backup, lambda member: member.replace(name="media/2.mp4") if member.name == CLIP else member)
    with pytest.raises(CommandError, match="is not as it was"):
        unpack(backup, place)


EVIL = {
    "up": {"name": "media/../../evil"},
    "only up": {"name": "../evil"},
    "absolute": {"name": "/evil"},
    "another place": {"name": "studio.lock"},
    "the folder itself": {"name": "media"},
    "twisted": {"name": "media//evil"},
    "a link": {"name": "media/evil", "type": tarfile.SYMTYPE, "linkname": "/etc"},
    "a hard link": {"name": "media/evil", "type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
    "a device": {"name": "media/evil", "type": tarfile.CHRTYPE},
    "a pipe": {"name": "media/evil", "type": tarfile.FIFOTYPE},
}


@pytest.mark.parametrize("facts", EVIL.values(), ids=EVIL)
def test_nothing_gets_out_of_its_place(tmp_path: Path, place: Path, facts: dict[str, object]) -> None:
    file = tmp_path / "evil.tar"
    member = tarfile.TarInfo()
    for name, value in facts.items():
        setattr(member, name, value)
    with tarfile.open(file, "w") as tar:
        tar.addfile(member, io.BytesIO())
    before = {path for path in tmp_path.rglob("*") if "unpacked" not in path.parts}
    with pytest.raises(CommandError, match="This is no backup"):
        unpack(file, place)
    assert {path for path in tmp_path.rglob("*") if "unpacked" not in path.parts} == before
    assert not (place / "media").exists()


def test_the_same_name_twice_is_refused(tmp_path: Path, place: Path) -> None:
    file = tmp_path / "twice.tar"
    with tarfile.open(file, "w") as tar:
        for _ in range(2):
            tar.addfile(tarfile.TarInfo("media/clip.mp4"), io.BytesIO())
    with pytest.raises(CommandError, match="damaged"):
        unpack(file, place)
