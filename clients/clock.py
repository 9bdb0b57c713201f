"""What an answer tells of the service's clock: signed links and deadlines hold only where ours agrees."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime


def ahead_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds by which our `now` is ahead of the answer's Date, which counts whole ones; None without any."""
    try:
        then = parsedate_to_datetime(headers.get("Date", ""))
        return (now - then).total_seconds()
    except (ValueError, TypeError):  # unreadable, or without a zone
        return None
