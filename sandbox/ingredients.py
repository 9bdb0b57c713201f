"""The inputs of a generation as files: uploads, earlier results, links, and sound made on the spot."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

from sandbox.assets import Assets
from sandbox.generations import Generations, Row
from sandbox.nearby import fetched
from sandbox.rendering.hum import write_hum
from sandbox.rendering.speech import spoken
from sandbox.rendering.track import write_samples
from sandbox.rendering.whole import whole
from sandbox.wire import Json

MAX_FETCHED = 30 * 1024 * 1024
FETCH_TIMEOUT_S = 10
HUMS = 4
Fetch = Callable[..., Any]


class InputMissing(Exception):
    """An input of the request cannot be had."""


class Ingredients:
    def __init__(
        self, folder: Path, generations: Generations, assets: Assets, result: Callable[[Row], Path]
    ) -> None:
        self._folder = folder
        self._generations = generations
        self._assets = assets
        self._result = result
        """Makes an earlier result where it is not there yet."""

    def of(self, row: Row) -> dict[str, list[Path]]:
        """By role. Raises InputMissing."""
        given: Json = json.loads(row["spec"])["inputs"]
        return {role: [self._file(row, entry) for entry in entries] for role, entries in given.items()}

    def _file(self, row: Row, entry: Json) -> Path:
        if "url" in entry:
            return self._fetched(entry["url"], fetched if entry.get("nearby") else urlopen)
        if "hum" in entry:
            return self._hummed(entry["hum"])
        if "speech" in entry:
            return self._spoken(entry["speech"])
        made = self._generations.by_asset(row["account"], entry["asset"])
        if made:
            return self._result(made)
        path = self._assets.path(entry["asset"])
        if not path.exists():
            raise InputMissing("An input file is gone.")
        return path

    def _hummed(self, pitch: int) -> Path:
        path = self._folder / f"hum-{pitch}.wav"
        if not path.exists():
            with whole(path) as partial:
                write_hum(partial, pitch, repeats=HUMS)
        return path

    def _spoken(self, speech: Json) -> Path:
        text = json.dumps(speech, sort_keys=True).encode()
        path = self._folder / f"speech-{hashlib.sha256(text).hexdigest()[:32]}.wav"
        if not path.exists():
            write_samples(spoken(speech["text"], speech["pitch"], speech["speed"], speech["stability"]), path)
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
