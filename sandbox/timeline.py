"""Where a generation stands, worked out from the time that has passed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

QUEUED_UNTIL = 0.1
PROCESSING_UNTIL = 0.9
STUCK_AT = 0.42
# As far as the progress goes while the clip is not there.
MADE = 0.99


@dataclass(frozen=True)
class Moment:
    status: str
    progress: float
    left_s: float | None = None
    """Seconds of work time until completion; None when done or unknown."""

    @property
    def due(self) -> bool:
        """All that is missing is the clip."""
        return self.status == "finalizing" and self.progress >= MADE

    def eta_s(self, speed: float) -> int | None:
        return None if self.left_s is None else math.ceil(self.left_s / speed)


def moment(row: Mapping[str, Any], work_s: float) -> Moment:
    """``work_s`` is the clock's work time; the row carries its start, its length and how it ends."""
    if row["past"]:
        return Moment("error", 1.0) if row["fails_at"] is not None else Moment("complete", 1.0)
    share = (work_s - row["started"]) / row["work_s"]
    if row["fails_at"] is not None and share >= row["fails_at"]:
        return Moment("error", min(1.0, row["fails_at"]))
    if row["stuck"]:
        return Moment("processing", min(STUCK_AT, max(0.0, share)))
    if share >= 1 and row["rendered"]:
        return Moment("complete", 1.0)
    left_s = max(0.5, (1 - share) * row["work_s"])
    return Moment(
        _running(share), round(min(MADE, max(0.0, share)), 4) if share >= QUEUED_UNTIL else 0.0, left_s
    )


def _running(share: float) -> str:
    if share < QUEUED_UNTIL:
        return "queued"
    return "processing" if share < PROCESSING_UNTIL else "finalizing"
