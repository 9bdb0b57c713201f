"""Having a file looked at and made ready in a process of its own, whose memory and time are limited."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generations.media.errors import DAMAGED, TOO_MUCH_WORK, BadMedia
from generations.media.probe import Probe

PROJECT_DIR = Path(__file__).resolve().parents[2]
PREPARER = [sys.executable, "-m", "generations.media.preparer"]
PATIENCE_S = 180
"""Its own limit to computing comes first; this is for a disk that doesn't answer."""
ENVIRONMENT = frozenset({"PATH", "LANG", "LD_LIBRARY_PATH"})
"""All that it is told of ours. Keys and passwords are in it too."""


@dataclass(frozen=True)
class Prepared:
    """A good file, ready to be kept."""

    found: Probe
    file: Path
    """The one to keep: the given one, changed in place, or a new one."""
    given: str
    """The hash of the bytes that came."""
    sha256: str
    """The hash of the bytes to keep: what tells of place and time is gone."""
    thumbnail: Path | None
    peaks: list[int] | None


def prepare(path: Path, folder: Path, name: str = "", *, ratio: str = "", at: float = 0.5) -> Prepared:
    """Probe, clean and picture the file, cut to `ratio` first where one is given. What is made lies in
    `folder`; the file itself may be changed. Raises BadMedia, and OSError for a disk that fails."""
    order = {"path": str(path), "folder": str(folder), "name": name, "ratio": ratio, "at": at}
    try:
        process = subprocess.run(
            PREPARER,
            input=json.dumps(order).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
            cwd=PROJECT_DIR,
            env={name: value for name, value in os.environ.items() if name in ENVIRONMENT},
        )
    except subprocess.TimeoutExpired:
        raise BadMedia(DAMAGED) from None
    if process.returncode == -signal.SIGXCPU:
        raise BadMedia(TOO_MUCH_WORK)
    if process.returncode:  # it crashed, or met one of its limits
        raise BadMedia(DAMAGED)
    return _read(json.loads(process.stdout))


def _read(answer: dict[str, Any]) -> Prepared:
    if refused := answer.get("refused"):
        raise BadMedia(refused)
    if number := answer.get("errno"):
        raise OSError(number, os.strerror(number))
    return Prepared(
        found=Probe(**answer["found"]),
        file=Path(answer["file"]),
        given=answer["given"],
        sha256=answer["sha256"],
        thumbnail=Path(answer["thumbnail"]) if answer["thumbnail"] else None,
        peaks=answer["peaks"],
    )
