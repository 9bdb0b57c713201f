"""The studio's own settings for the processes that chaos is let loose on: short pauses, locks that are not
waited for, and a clock that can be set forward and back while the processes run."""

from datetime import UTC, datetime, timedelta
from time import monotonic

from django.utils import timezone

from tests.processes.settings import *  # noqa: F403
from tests.processes.settings import DATA_DIR, DATABASES

CLOCK = DATA_DIR / "clock"
LOOK_S = 0.05
SOONER_LOCKED_S = 1
_seen = {"until": 0.0, "offset": 0.0}


def shifted_now() -> datetime:
    """The time by the clock that chaos has set: seconds ahead of the real one, in a file."""
    if monotonic() > _seen["until"]:
        try:
            _seen["offset"] = float(CLOCK.read_text())
        except (OSError, ValueError):
            _seen["offset"] = _seen["offset"]
        _seen["until"] = monotonic() + LOOK_S
    return datetime.now(UTC) + timedelta(seconds=_seen["offset"])


timezone.now = shifted_now  # before any model takes it for a default

_options = DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {**_options, "timeout": SOONER_LOCKED_S}
else:
    _options["options"] = f"-c lock_timeout={SOONER_LOCKED_S}s"
