"""The price diary: what each reading of a service's catalog found changed, model by model."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.mirror import diary_words
from catalog.models import Account, AIModel, Change
from catalog.models.change import Kind
from catalog.prices import durations
from catalog.prices.quoting import Shot, number, snap

USUAL_MS = 5000
TREND_FOR = timedelta(days=30)
NEW_FOR = timedelta(days=14)
_COLUMNS = {field.attname for field in AIModel._meta.concrete_fields}


# The terms on which a model is offered, by the kind of entry that their change would be


def terms(row: AIModel) -> dict[Kind, dict[str, Any]]:
    """In the service's own values, fit to be stored as JSON."""
    required = row.required_roles | (
        {"character_orientation"} if row.requires_character_orientation else set()
    )
    return {
        Kind.PRICE: price_terms(row),
        Kind.RATIOS: {"aspect_ratios": row.aspect_ratios, "aspect_ratio_range": row.aspect_ratio_range},
        Kind.RESOLUTIONS: {"resolutions": row.resolutions, "default_resolution": row.default_resolution},
        Kind.DURATIONS: {"durations": row.durations, "max_duration_ms": row.max_duration_ms},
        Kind.NEEDS: {"required": sorted(required), "optional": sorted(row.roles - required)},
    }


def price_terms(row: AIModel) -> dict[str, Any]:
    base = None if row.base_cost is None else number(row.base_cost).replace(",", "")
    return {"pricing": row.pricing, "price_details": row.price_details, "base_cost": base}


def meaning(said: Mapping[str, Any]) -> dict[str, Any]:
    """Equal for what means the same: in another order or spelling, with 7.0 for 7 or null for nothing."""
    found = {name: _MEANINGS.get(name, _value)(value) for name, value in said.items()}
    return {name: value for name, value in found.items() if value not in (None, "", frozenset())}


def _value(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def _lengths(texts: Any) -> frozenset[object]:
    items = texts if isinstance(texts, list) else []
    return frozenset(text if (ms := durations.read(text)) is None else ms for text in items)


def _price_list(pricing: Any) -> Any:
    """Null counts as 0 beside a figure, and a factor of 1 as none."""
    if not isinstance(pricing, Mapping):
        return None
    figures = [pricing.get(name) or 0 for name in ("base_cost", "credits_per_second")]
    return figures, diary_words.factors(pricing)


def _details(details: Any) -> Any:
    known = details.items() if isinstance(details, Mapping) else ()
    return {name: value for name, value in known if value is not None} or None


_MEANINGS: dict[str, Callable[[Any], Any]] = {
    "durations": _lengths,
    "pricing": _price_list,
    "price_details": _details,
}


# Writing it down


def snapshot(row: AIModel) -> AIModel:
    """The row as it is now, to be compared with once it has been overwritten."""
    return AIModel(**{name: value for name, value in vars(row).items() if name in _COLUMNS})


def record(account: Account, at: datetime, before: AIModel, row: AIModel) -> list[Change]:
    """Write down how the row differs from its `snapshot`; [] when it means what it meant."""
    return Change.objects.bulk_create(differences(account, at, before, row))


def differences(account: Account, at: datetime, before: AIModel, row: AIModel) -> list[Change]:
    """The entries of `record`, not saved yet."""
    now = snapshot(row)  # what the row has worked out from its columns may be of before
    old, new = terms(before), terms(now)
    changed = [kind for kind in new if meaning(old[kind]) != meaning(new[kind])]
    entries = [Change(account=account, model=row, at=at, kind=kind) for kind in changed]
    for entry, kind in zip(entries, changed, strict=True):
        entry.before, entry.after = old[kind], new[kind]
        if kind == Kind.PRICE:
            # Of one shot, so that nothing but the price list makes the difference.
            shot = usual_shot(now)
            entry.credits_before, entry.credits_after = usual_credits(before, shot), usual_credits(now, shot)
    return entries


def arrival(account: Account, at: datetime, row: AIModel, kind: Kind = Kind.ARRIVED) -> Change:
    """The entry of a model that is on offer now: for the first time, or again."""
    after = price_terms(row)
    return Change(account=account, model=row, at=at, kind=kind, after=after, credits_after=usual_credits(row))


def retirement(account: Account, at: datetime, row: AIModel) -> Change:
    before = price_terms(row)
    return Change(
        account=account,
        model=row,
        at=at,
        kind=Kind.RETIRED,
        before=before,
        credits_before=usual_credits(row),
    )


def usual_shot(row: AIModel) -> Shot:
    """By whose price the diary tells whether a model got dearer: 5 s, or the length nearest to it."""
    return Shot(duration_ms=snap(row, USUAL_MS), resolution=row.default_resolution_or_first)


def usual_credits(row: AIModel, shot: Shot | None = None) -> Decimal | None:
    """What the usual shot costs or, where only the service can price shots, the shot it calls usual."""
    quote = row.price(shot or usual_shot(row))
    return quote.credits if quote.known else row.base_cost


# What lists show of it


@dataclass(frozen=True)
class Trend:
    """The latest that happened to a model's price, or that it is new."""

    kind: str
    """down, up, changed (of which nobody can say which) or new."""
    since: datetime
    percent: Decimal | None = None
    """How far, without a sign; None when it has no measure."""

    @property
    def mark(self) -> str:
        return {"down": "▼", "up": "▲"}.get(self.kind, "")

    @property
    def text(self) -> str:
        """Without the mark: "10 % since 3 Nov"."""
        day = diary_words.day(self.since)
        if self.kind == "new":
            return "new"
        if self.kind == "changed":
            return f"price list changed {day}"
        return f"{diary_words.share(self.percent)} since {day}" if self.percent else f"since {day}"

    @property
    def words(self) -> str:
        """ "▼ 10 % since 3 Nov", "price list changed 3 Nov", "new"."""
        return f"{self.mark} {self.text}".strip()


def trends(accounts: Iterable[Account]) -> dict[int, Trend]:
    """By the model's key; models to which nothing happened of late are not in it. One query."""
    now = timezone.now()
    wanted = Change.objects.filter(account__in=list(accounts), at__gt=now - TREND_FOR)
    wanted = wanted.filter(kind__in=[Kind.PRICE, Kind.ARRIVED]).order_by("at", "pk")
    found: dict[int, Trend] = {}
    for change in wanted.only("model_id", "kind", "at", "credits_before", "credits_after"):
        if change.kind == Kind.PRICE:
            found[change.model_id] = Trend(change.direction or "changed", change.at, change.percent)
        elif change.at > now - NEW_FOR:
            found[change.model_id] = Trend("new", change.at)
    return found
