"""Turns accepted generations into files: one background thread, and downloads that cannot wait for it."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from sandbox.assets import Assets
from sandbox.generations import Generations, Row, made
from sandbox.ingredients import Ingredients, InputMissing
from sandbox.recipes import Inputs, film, write_result
from sandbox.rendering.clip import write_poster, write_preview, write_thumbnail
from sandbox.rendering.spec import ClipSpec
from sandbox.rendering.whole import Stopped
from sandbox.state import Store
from sandbox.wire import Json

AT_ONCE = 2
IDLE_S = 5
Write = Callable[[Inputs, Path], None]
THUMBNAIL_WIDTH = 320


class Workshop:
    """Files are named after their generation, so a restart finds what was finished and makes the rest."""

    def __init__(self, store: Store, generations: Generations, assets: Assets) -> None:
        self._generations = generations
        self._folder = store.folder / "results"
        self._folder.mkdir(exist_ok=True)
        self._ingredients = Ingredients(self._folder, generations, assets, self.result)
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
        """What was ordered."""
        spec = json.loads(row["spec"])

        def write(inputs: Inputs, path: Path) -> None:
            write_result(spec, inputs, path, lambda: self._closing)

        return self._made(row, result_ending(row), write)

    def poster(self, row: Row) -> Path:
        if made(row) == "image":
            return self.result(row)
        return self._made(row, "jpg", lambda inputs, path: write_poster(_film(row, inputs), path))

    def thumbnail(self, row: Row) -> Path:
        if made(row) == "image":
            whole = self.result(row)
            return self._made(row, "thumb.jpg", lambda _, path: write_thumbnail(whole, path, THUMBNAIL_WIDTH))
        return self._made(
            row,
            "thumb.jpg",
            lambda inputs, path: write_poster(_film(row, inputs), path, THUMBNAIL_WIDTH),
        )

    def preview(self, row: Row) -> Path:
        return self._made(row, "webp", lambda inputs, path: write_preview(_film(row, inputs), path))

    def result_path(self, row: Row) -> Path:
        return self._folder / f"{row['file']}.{result_ending(row)}"

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
                # Before a place is taken: inputs that are still to be made need places too.
                inputs = self._ingredients.of(row)
                with self._places:
                    write(inputs, path)
        with self._guard:
            self._locks.pop(path, None)
        return path


def _film(row: Row, inputs: Inputs) -> ClipSpec:
    return film(json.loads(row["spec"]), inputs)


def result_ending(row: Row) -> str:
    """Of the result's file name; specs of older days are of clips, but for stills."""
    spec: Json = json.loads(row["spec"])
    return str(spec.get("ending") or ("jpg" if spec.get("still") else "mp4"))
