"""The time that the Spend page is about, as its address says it. Days and months are those of UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

USUAL = "30d"
_DAYS = {"7d": 7, "30d": 30}
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """From `since` on, and before `until`; None leaves that end open."""

    key: str
    label: str
    since: datetime | None
    until: datetime | None = None

    @classmethod
    def of(cls, text: str) -> Period:
        """What the address asks for; the last 30 days for anything that isn't a period."""
        if text == "all":
            return cls("all", "Since the beginning", None)
        if found := _MONTH.fullmatch(text):
            return cls.month(_midnight().replace(year=int(found[1]), month=int(found[2]), day=1))
        key = text if text in _DAYS else USUAL
        days = _DAYS[key]
        return cls(key, f"Last {days} days", _midnight() - timedelta(days=days - 1))

    @classmethod
    def month(cls, first: datetime) -> Period:
        until = (first + timedelta(days=31)).replace(day=1)
        return cls(f"{first:%Y-%m}", date_format(first, "F Y"), first, until)

    @classmethod
    def this_month(cls) -> Period:
        return cls.month(_midnight().replace(day=1))

    @classmethod
    def choices(cls) -> list[Period]:
        """Those that the page offers first; months lead to the months beside them."""
        return [cls.of("7d"), cls.of("30d"), cls.this_month(), cls.of("all")]

    @property
    def is_month(self) -> bool:
        return self.until is not None

    @property
    def is_long(self) -> bool:
        """Whether it is told month by month rather than day by day."""
        return self.since is None

    @property
    def earlier(self) -> Period | None:
        """The month before a month; no studio is older than 2000."""
        if not self.is_month or self.since is None or (self.since.year, self.since.month) == (2000, 1):
            return None
        return Period.month((self.since - timedelta(days=1)).replace(day=1))

    @property
    def later(self) -> Period | None:
        """The month after a month that is over."""
        return Period.month(self.until) if self.until and self.until <= timezone.now() else None

    def within(self, column: str) -> Q:
        """Rows whose time lies in it."""
        found = Q(**{f"{column}__gte": self.since}) if self.since else Q()
        return found & Q(**{f"{column}__lt": self.until}) if self.until else found


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
