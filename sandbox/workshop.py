"""Turns accepted generations into files: one background thread, and downloads that cannot wait for it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sys
import threading
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

from sandbox.assets import Assets
from sandbox.generations import Generations, Row, is_still
from sandbox.nearby import fetched
from sandbox.rendering.clip import Stopped, write_clip, write_poster, write_preview
from sandbox.rendering.hum import write_hum
from sandbox.rendering.scenes import open_still
from sandbox.rendering.spec import ClipSpec, Part
from sandbox.state import Store
from sandbox.wire import Json

AT_ONCE = 2
IDLE_S = 5
MAX_FETCHED = 30 * 1024 * 1024
FETCH_TIMEOUT_S = 10
Write = Callable[[ClipSpec, Path], None]
Fetch = Callable[..., Any]
HUMS = 4
THUMBNAIL_WIDTH = 320


class InputMissing(Exception):
    """An input of the request cannot be had."""


class Workshop:
    """Files are named after their generation, so a restart finds what was finished and makes the rest."""

    def __init__(self, store: Store, generations: Generations, assets: Assets) -> None:
        self._generations = generations
        self._assets = assets
        self._folder = store.folder / "results"
        self._folder.mkdir(exist_ok=True)
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._guard = threading.Lock()
        self._locks: dict[Path, threading.Lock] = {}
        self._wake = threading.Event()
        self._closing = False
        self._wanted: set[str] = set()
        for stale in self._folder.glob(".*"):
            stale.unlink()
        self._thread = threading.Thread(target=self._work, name="workshop", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stops within a frame; what was being made is made again after the next start."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=5)

    def wake(self) -> None:
        self._wake.set()

    def want(self, generation_id: str) -> None:
        """Somebody asked for a clip that is due: it goes before those nobody looks at."""
        self._wanted.add(generation_id)

    def result(self, row: Row) -> Path:
        """What was ordered: a clip, or a picture."""
        return self.poster(row) if is_still(row) else self.clip(row)

    def clip(self, row: Row) -> Path:
        return self._made(row, "mp4", lambda spec, path: write_clip(spec, path, lambda: self._closing))

    def poster(self, row: Row) -> Path:
        return self._made(row, "jpg", write_poster)

    def thumbnail(self, row: Row) -> Path:
        return self._made(row, "thumb.jpg", lambda spec, path: write_poster(spec, path, THUMBNAIL_WIDTH))

    def preview(self, row: Row) -> Path:
        return self._made(row, "webp", write_preview)

    def result_path(self, row: Row) -> Path:
        return self._folder / f"{row['file']}.{'jpg' if is_still(row) else 'mp4'}"

    def _work(self) -> None:
        while not self._closing:
            self._wake.clear()
            try:
                row = self._next()
                if row:
                    self._finish(row)
            except Exception:
                # A full disk, say: told, and tried again.
                traceback.print_exc(file=sys.stderr)
                row = None
            if not row:
                self._wake.wait(timeout=IDLE_S)

    def _next(self) -> Row | None:
        """One that somebody waits for, else the one that is due first."""
        rows = self._generations.unrendered()
        return next((row for row in rows if row["id"] in self._wanted), rows[0] if rows else None)

    def _finish(self, row: Row) -> None:
        """Render one; whatever goes wrong ends that generation, not the thread."""
        try:
            self.result(row)
            self._generations.rendered(row["id"])
        except Stopped:
            return
        except InputMissing as error:
            self._generations.fail(row["id"], "INVALID_ARGUMENT", str(error))
        except Exception as error:
            message = f"The result could not be made ({type(error).__name__})."
            self._generations.fail(row["id"], "INTERNAL", message)
        finally:
            self._wanted.discard(row["id"])

    def _made(self, row: Row, ending: str, write: Write) -> Path:
        """The file, made now if it is not there yet; one maker per file."""
        path = self._folder / f"{row['file']}.{ending}"
        if path.exists():
            return path
        with self._guard:
            lock = self._locks.setdefault(path, threading.Lock())
        with lock:
            if not path.exists():
                with self._places:
                    write(self._spec(row), path)
        with self._guard:
            self._locks.pop(path, None)
        return path

    def _spec(self, row: Row) -> ClipSpec:
        data: Json = json.loads(row["spec"])
        inputs = {
            role: [self._input(row, entry) for entry in given] for role, given in data["inputs"].items()
        }
        return ClipSpec(
            width=data["width"],
            height=data["height"],
            duration_ms=data["duration_ms"],
            prompt=data["prompt"],
            label=data["label"],
            seed=data["seed"],
            start=_first(inputs.get("start_frame")) or _first_picture(inputs.get("references", [])),
            end=_first(inputs.get("end_frame")),
            video=_first(inputs.get("input_video")),
            audio=tuple(inputs.get("audio_input", ())),
            audio_start_ms=data["audio_start_ms"],
            parts=tuple(Part(part["prompt"], part["duration_ms"]) for part in data["parts"]),
        )

    def _input(self, row: Row, entry: dict[str, Any]) -> Path:
        if "url" in entry:
            return self._fetched(entry["url"], fetched if entry.get("nearby") else urlopen)
        if "hum" in entry:
            return self._hummed(entry["hum"])
        made = self._generations.by_asset(row["account"], entry["asset"])
        if made:
            return self.result(made)
        path = self._assets.path(entry["asset"])
        if not path.exists():
            raise InputMissing("An input file is gone.")
        return path

    def _hummed(self, pitch: int) -> Path:
        path = self._folder / f"hum-{pitch}.wav"
        if not path.exists():
            partial = path.with_name(f".{uuid.uuid4().hex}")
            write_hum(partial, pitch, repeats=HUMS)
            partial.replace(path)
        return path

    def _fetched(self, url: str, fetch: Fetch) -> Path:
        """A file given by link: one of our own uploads, else fetched once."""
        parts = unquote(urlsplit(url).path).split("/")
        own = self._assets.path(parts[-1])
        if parts[1:3] == ["media", "assets"] and own.is_file():
            return own
        path = self._folder / f"fetched-{hashlib.sha256(url.encode()).hexdigest()[:32]}"
        if not path.exists():
            _fetch(url, path, fetch)
        return path


def _fetch(url: str, path: Path, fetch: Fetch) -> None:
    partial = path.with_name("." + path.name)
    try:
        # The contract lets only http and https through; this machine is the user's own.
        with fetch(url, timeout=FETCH_TIMEOUT_S) as answer, partial.open("wb") as target:
            if int(answer.headers.get("Content-Length") or 0) > MAX_FETCHED:
                raise InputMissing("The file behind the link is too large.")
            shutil.copyfileobj(answer, target)
    except (OSError, ValueError) as error:
        raise InputMissing("The file behind the link could not be fetched.") from error
    partial.replace(path)


def _first(paths: list[Path] | None) -> Path | None:
    return paths[0] if paths else None


def _first_picture(paths: list[Path]) -> Path | None:
    """References may be of any type; only pictures can be set in motion here."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            open_still(path)
            return path
    return None
