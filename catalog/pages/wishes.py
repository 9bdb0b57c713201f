"""The shot of "Price my shot", as people describe it before they know the model."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Self

from django.http import QueryDict

from catalog import inputs, words
from catalog.prices.quoting import number

TEXT_ONLY = "text"
HAVE = {
    TEXT_ONLY: "Text only",
    inputs.START_FRAME: "Start frame",
    inputs.END_FRAME: "End frame",
    inputs.AUDIO: "Audio",
    inputs.VIDEO: "Video",
}
COUNTS = (1, 2, 4, 8)
LENGTHS_S = (3, 5, 8, 10, 15, 30, 60)

_USUAL_MS = 5000
_LONGEST_S = 3600
_LONGEST_NUMBER = 40
_SOUND = {"on": True, "off": False}


@dataclass(frozen=True)
class Wish:
    """ "" and None: that is all the same. An empty `have` leaves open what is at hand."""

    duration_ms: int = _USUAL_MS
    resolution: str = ""
    aspect_ratio: str = ""
    audio: bool | None = None
    count: int = 1
    have: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Values nobody could have meant are left out, never an error."""
        seconds = decimal(query.get("seconds", ""), low="0.1", high=_LONGEST_S)
        count = query.get("takes", "")
        ratio, resolution = query.get("shot_ratio", "").strip(), query.get("shot_resolution", "").strip()
        return cls(
            duration_ms=int(seconds * 1000) if seconds else _USUAL_MS,
            resolution=resolution if words.is_resolution(resolution) else "",
            aspect_ratio=ratio if words.ratio_value(ratio) else "",
            audio=_SOUND.get(query.get("audio", "")),
            count=int(count) if count in map(str, COUNTS) else 1,
            have=_possible(query.getlist("have")),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The query string's pairs; what is usual is left out."""
        sound = next((word for word, wanted in _SOUND.items() if wanted is self.audio), "")
        single = {
            "seconds": self.seconds if self.duration_ms != _USUAL_MS else "",
            "shot_resolution": self.resolution,
            "shot_ratio": self.aspect_ratio,
            "audio": sound,
            "takes": str(self.count) if self.count != 1 else "",
        }
        return [pair for pair in single.items() if pair[1]] + [("have", role) for role in self.have]

    @property
    def seconds(self) -> str:
        return plain_seconds(self.duration_ms)

    @property
    def images(self) -> int:
        """How many pictures the shot is made from."""
        return sum(role in self.have for role in (inputs.START_FRAME, inputs.END_FRAME))


def _possible(roles: list[str]) -> tuple[str, ...]:
    """In our order; text only stands alone, and gives way to whatever else is said to be at hand."""
    given = tuple(role for role in HAVE if role in roles and role != TEXT_ONLY)
    return given or ((TEXT_ONLY,) if TEXT_ONLY in roles else ())


def plain_seconds(ms: int) -> str:
    """As forms and addresses hold a length: "5", "2.5"."""
    return plain(Decimal(ms).scaleb(-3))


def decimal(text: str, *, low: int | str, high: int) -> Decimal | None:
    """The number, to three places; thousands may be parted as we show them: "12,480"."""
    try:
        value = Decimal(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text[:_LONGEST_NUMBER].strip()))
    except InvalidOperation:
        return None
    within = value.is_finite() and Decimal(low) <= value <= high
    return value.quantize(Decimal("0.001")) if within else None


def plain(value: Decimal) -> str:
    """As forms and addresses hold it: "84", "17.5", "12480"."""
    return number(value).replace(",", "")
