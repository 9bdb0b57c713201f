"""Prices that only the service can tell: as it answered before, else noted down, so that the worker asks."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from catalog import options
from catalog.models import AIModel, AskedPrice
from catalog.models.asked_price import digest_of
from catalog.models.budget import BURST
from catalog.prices.durations import length
from catalog.prices.quoting import Quote, Shot

WANTED_ANEW = timedelta(hours=1)
"""How long a wish for a price is remembered without being written down again."""
MOST_AT_ONCE = BURST
"""More could not be asked for now anyway; the page that waits notes the next ones."""
ASKED_ANEW = "its price is being asked anew"
_CANONICAL = json.JSONEncoder(sort_keys=True)
_SOUND = {"generateaudio", "generate_audio", "audio"}


class AskedPrices:
    """The prices of these shots, each on its model. One query, and none when no price has to be asked for."""

    def __init__(self, shots: Iterable[tuple[AIModel, Shot]]) -> None:
        self._wanted = set(_questions(shots))
        self._rows = {(row.model_id, row.parameters): row for row in _stored(self._wanted)}

    def only(self, shots: Iterable[tuple[AIModel, Shot]]) -> None:
        """Of all these prices people see no others: the rest is not worth a question."""
        self._wanted &= set(_questions(shots))

    def quote(self, model: AIModel, shot: Shot) -> Quote:
        """The service's own price, or the model's quote with its `base` while that is not known."""
        if not model.is_asked_for_price:
            return model.price(shot)
        row = self._row(model, shot)
        if row is None or row.credits is None or row.is_doubtful:
            quote = model.price(shot)
            return replace(quote, unknown=row.error, base=None) if row and row.error else quote
        return Quote(row.credits, _asked_words(model, row), note=_instead(row))

    def to_pay(self, model: AIModel, shot: Shot) -> Quote:
        """The same for an order at this price: one that is being asked anew is not known."""
        return Quote(None, unknown=ASKED_ANEW) if self.is_old(model, shot) else self.quote(model, shot)

    def is_old(self, model: AIModel, shot: Shot) -> bool:
        """Whether the service told it so long ago that it is being asked again."""
        row = self._row(model, shot) if model.is_asked_for_price else None
        return bool(row and row.credits is not None and row.is_pending)

    def _row(self, model: AIModel, shot: Shot) -> AskedPrice | None:
        return self._rows.get((model.pk, parameters(model, shot)))

    @property
    def pending(self) -> int:
        """How many are still to come, or to come anew."""
        rows = [self._rows.get(key) for key in self._wanted]
        return sum(row is None or row.is_pending for row in rows)

    def want(self) -> None:
        """Note what is missing or has not been wanted for a while; the worker asks for it within a second."""
        now = timezone.now()
        rows = [self._rows[key] for key in self._wanted if key in self._rows]
        old = [row.pk for row in rows if row.wanted_at < now - WANTED_ANEW]
        missing = sorted(key for key in self._wanted if key not in self._rows)[:MOST_AT_ONCE]
        if old:
            AskedPrice.objects.filter(pk__in=old).update(wanted_at=now)
        AskedPrice.objects.bulk_create(
            [
                AskedPrice(model_id=pk, parameters=asked, digest=digest_of(asked), wanted_at=now)
                for pk, asked in missing
            ],
            ignore_conflicts=True,
        )


def parameters(model: AIModel, shot: Shot) -> str:
    """What decides the price at the service, as canonical JSON: the same question is one row."""
    asked: dict[str, Any] = {
        "duration_ms": shot.duration_ms if model.duration_choices_ms else None,
        "resolution": shot.resolution if model.resolutions else "",
        "settings": _settings(model, shot),
        "images": shot.images,
    }
    return _CANONICAL.encode({name: value for name, value in asked.items() if value})


def _settings(model: AIModel, shot: Shot) -> dict[str, Any]:
    """The model's own switches that the shot turns, as far as they may change the price."""
    keys = options.costly(model.settings)
    sounding = {key for key in keys if key.lower() in _SOUND and shot.audio is not None}
    chosen: dict[str, object] = dict.fromkeys(sounding, shot.audio)
    chosen |= {key: value for key, value in shot.options.items() if key in keys}
    return options.typed(model.settings, chosen)


def _stored(wanted: set[tuple[int, str]]) -> Iterable[AskedPrice]:
    if not wanted:
        return []
    models, asked = {pk for pk, _ in wanted}, {digest_of(text) for _, text in wanted}
    return AskedPrice.objects.filter(model__in=models, digest__in=asked)


def _questions(shots: Iterable[tuple[AIModel, Shot]]) -> Iterator[tuple[int, str]]:
    for model, shot in shots:
        if model.is_asked_for_price:
            yield model.pk, parameters(model, shot)


def _asked_words(model: AIModel, row: AskedPrice) -> str:
    """Whose figure it is, and for what: "Hoox's own price for 8 s, 1080p"."""
    asked = json.loads(row.parameters)
    parts = [length(asked["duration_ms"])] if "duration_ms" in asked else []
    parts += [asked["resolution"]] if "resolution" in asked else []
    return f"{model.account.service_label}'s own price" + (f" for {', '.join(parts)}" if parts else "")


def _instead(row: AskedPrice) -> str:
    changed = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in row.normalized.items())
    return f"priced as {changed}" if changed else ""
