"""When a take is looked at again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.utils import timezone


def backoff_s(attempts: int, ceiling_s: float = 60) -> float:
    """A growing pause with jitter: about 1, 2, 4 … seconds."""
    return float(min(ceiling_s, 2 ** max(0, attempts - 1)) * random.uniform(0.75, 1.25))  # noqa: S311 - jitter


def eta_field(eta_s: float | None) -> dict[str, datetime]:
    """The expected end as a column, where it is known."""
    return {} if eta_s is None else {"eta_at": timezone.now() + timedelta(seconds=eta_s)}
