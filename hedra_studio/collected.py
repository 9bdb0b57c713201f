"""Static files, gathered and compressed only when one of them changed: that is half of a start."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_if_changed(stamp: Path) -> bool:
    """Whether there was something to do. The stamp is written last: an interrupted run is done again."""
    found = fingerprint()
    if stamp.exists() and stamp.read_text() == found:
        return False
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(found)
    return True


def fingerprint() -> str:
    """Changes with each file's name, length and time of change, and with what compresses them."""
    lines = [f"whitenoise {version('whitenoise')}"]
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            lines.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
