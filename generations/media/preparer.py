"""Run as a process: look at one file, take out what it tells, and make its small versions.

Reads {"path", "folder", "name", "ratio", "at"} from stdin; answers what `preparing.Prepared` holds, or
{"refused"}, or the {"errno"} of a disk that failed. Files of strangers are decoded here alone, where they can
hang, crash or eat memory to nobody's harm.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import resource
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from generations.media import cleaning, cropping, probe, renditions, waveform
from generations.media.errors import BadMedia

LEAST_CPU_S = 40
BYTES_PER_CPU_S = 2 * 1024**2
MOST_CPU_S = 90
"""A picture takes a second or two, an hour of sound half a minute, however few its bytes are."""
LIMITS = {
    resource.RLIMIT_AS: 3 * 1024**3,
    resource.RLIMIT_FSIZE: 2 * 1024**3,
    resource.RLIMIT_CORE: 0,
}


def main() -> None:
    order = json.load(sys.stdin)
    path = Path(order["path"])
    lock_down(path.stat().st_size)
    try:
        answer = prepared(path, Path(order["folder"]), order["name"], order["ratio"], order["at"])
    except BadMedia as error:
        answer = {"refused": str(error)}
    except OSError as error:  # a full disk says nothing of the file
        answer = {"errno": error.errno}
    json.dump(answer, sys.stdout)


def lock_down(size: int) -> None:
    """Where a system doesn't know one of the limits, the others still hold."""
    seconds = min(MOST_CPU_S, LEAST_CPU_S + size // BYTES_PER_CPU_S)
    bounds = {limit: (value, value) for limit, value in LIMITS.items()}
    # A second later it would be killed without a word of why.
    for limit, pair in {**bounds, resource.RLIMIT_CPU: (seconds, seconds + 1)}.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, pair)


def prepared(path: Path, folder: Path, name: str, ratio: str = "", at: float = 0.5) -> dict[str, Any]:
    """The answer. Raises BadMedia."""
    if ratio:
        path = cropping.crop(path, folder, ratio, at)
    found, given = probe.probe(path, filename=name), sha256_of(path)
    file = cleaning.cleaned(path, folder)
    found = replace(found, size=file.stat().st_size)
    return {
        "found": asdict(found),
        "file": str(file),
        "given": given,
        "sha256": sha256_of(file),
        "thumbnail": thumbnail(file, folder, found),
        "peaks": waveform.peaks(file) if found.kind == "audio" else None,
    }


def thumbnail(file: Path, folder: Path, found: probe.Probe) -> str:
    if found.kind == "audio":
        return ""
    out = folder / "thumbnail.webp"
    renditions.thumbnail(file, found.kind, out)
    return str(out)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
