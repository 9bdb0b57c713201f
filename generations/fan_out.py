"""One shot for several models: which of them can make it, what each makes of it, and how much it may cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.functional import cached_property

from catalog.models import Account, AIModel
from catalog.prices import durations
from catalog.prices.asked import AskedPrices
from catalog.prices.quoting import Quote, number

from . import buying
from .candidates import changes, form_for, makes_the_same, order_form, reasons
from .forms import ShotForm, price_token
from .models import Generation, Purse, Status
from .placing import place_all

USUAL_CAP = 100
HIGHEST_CAP = 1_000_000
_ALREADY_SENT = (
    "This was already sent, and is on its way. Nothing more was ordered; press again to order it too."
)


@dataclass
class Candidate:
    """A model held against the shot, by the very form that would be ordered."""

    form: ShotForm
    model: AIModel
    changes: list[str]
    reasons: list[str]
    quote: Quote
    chosen: bool = False
    same: Generation | None = None
    """What the very same order has made within the last hour."""

    @property
    def total(self) -> Quote:
        return self.quote.times(self.form.count)

    @property
    def can_join(self) -> bool:
        """What nobody can price fits under no cap."""
        return not self.reasons and self.total.known

    @property
    def is_coming(self) -> bool:
        """Whether only the service can tell its price and has not yet."""
        return not self.total.known and self.total.base is not None

    @property
    def makes(self) -> str:
        """ "720p · 6 s": what comes out."""
        shot = self.form.priced
        length = durations.length(shot.duration_ms) if shot.duration_ms else ""
        return " · ".join(filter(None, [shot.resolution, length]))

    def order_form(self, shot: UUID) -> ShotForm:
        """Under an id that follows from that of the shot and the model, at the price that the total holds."""
        seen = price_token(self.total)
        form = order_form(self.form, uuid5(shot, self.model.form_key), seen_price=seen)
        form.links["fan_out"] = shot
        return form


@dataclass(frozen=True)
class Total:
    """What the chosen models cost at one service. The cap holds at each: credits of two are never added."""

    account: Account
    credits: Decimal
    cap: int | None

    @property
    def over(self) -> bool:
        return self.cap is not None and self.credits > self.cap

    @property
    def words(self) -> str:
        """ "84 credits"."""
        return f"{number(self.credits)} credit{'' if self.credits == 1 else 's'}"

    @cached_property
    def balance(self) -> int | None:
        return buying.balance(self.account)

    @property
    def missing(self) -> int | None:
        return buying.missing(Quote(self.credits), self.balance)


@dataclass
class FanOut:
    """The shot of a form, the models that it may go to, and those that are chosen."""

    base: ShotForm
    models: Sequence[AIModel]
    chosen_keys: Sequence[str]
    cap: int | None
    """Credits that it may cost at each service; None when what was typed is no number."""
    error: str = ""
    problems: list[str] = field(default_factory=list)
    """What single models had against the order."""
    over: int | None = None
    """The amount that it exceeds and above which the person wants to be asked first."""
    is_unsent: bool = True
    """Whether its id can still be used for an order."""

    @cached_property
    def candidates(self) -> list[Candidate]:
        """Of each service in turn, the cheapest first."""
        made = [self._candidate(form) for form in self._forms]
        self._find_same(made)
        return sorted(made, key=lambda one: (one.model.account.service, one.total.credits or 0))

    @cached_property
    def _forms(self) -> list[ShotForm]:
        alike = [model for model in self.models if makes_the_same(model, self.base.ai_model)]
        return [form_for(self.base, model) for model in alike]

    @cached_property
    def _prices(self) -> AskedPrices:
        asked = [(form.ai_model, form.priced) for form in self._forms if form.ai_model]
        return AskedPrices((model, shot) for model, shot in asked if model.is_asked_for_price)

    def _candidate(self, form: ShotForm) -> Candidate:
        model = form.ai_model
        if model is None:
            raise ValueError("a candidate has a model")
        return Candidate(
            form,
            model,
            list(changes(self.base, form)),
            list(reasons(self.base, form)),
            self._prices.quote(model, form.priced) if model.is_asked_for_price else form.quote,
            model.form_key in self.chosen_keys,
        )

    def _find_same(self, made: Sequence[Candidate]) -> None:
        """One query for all of them; a take that failed is none."""
        asked = {one.form.fingerprint: one for one in made if not one.reasons}
        takes = Generation.objects.owned_by(self.base.owner).exclude(status=Status.ERROR).newest_first()
        since = timezone.now() - buying.SAME_FOR
        for take in reversed(takes.filter(fingerprint__in=asked, created__gte=since)):
            asked[take.fingerprint].same = take

    @property
    def prices_are_coming(self) -> bool:
        return bool(self._prices.pending)

    def want_prices(self) -> None:
        """Have those asked for that only a service can tell."""
        self._prices.only((one.model, one.form.priced) for one in self.candidates if not one.reasons)
        self._prices.want()

    @property
    def offered(self) -> list[Candidate]:
        return [one for one in self.candidates if not one.reasons]

    @property
    def unfit(self) -> list[Candidate]:
        return [one for one in self.candidates if one.reasons]

    @property
    def chosen(self) -> list[Candidate]:
        return [one for one in self.candidates if one.chosen and one.can_join]

    @cached_property
    def totals(self) -> list[Total]:
        sums: dict[int, Decimal] = {}
        for one in self.chosen:
            sums[one.model.account_id] = sums.get(one.model.account_id, Decimal(0)) + _credits(one)
        accounts = {one.model.account_id: one.model.account for one in self.chosen}
        return [Total(accounts[pk], credits, self.cap) for pk, credits in sums.items()]

    @property
    def count(self) -> int:
        """How many takes would be made."""
        return sum(one.form.count for one in self.chosen)

    @property
    def file_fields(self) -> str:
        """Those of the form around it, which are not sent with every question."""
        return ",".join(slot.file_field for slot in self.base.slots) or "-"

    @property
    def mixed(self) -> bool:
        """Whether the models are of services whose credits are different money."""
        return len({one.model.account_id for one in self.offered}) > 1

    @property
    def total_words(self) -> str:
        """What the button says: "84 credits", of two services "Hedra 84 · Hoox 7.5 credits"."""
        if len(self.totals) == 1:
            return self.totals[0].words
        named = (f"{total.account.service_label} {number(total.credits)}" for total in self.totals)
        return f"{' · '.join(named)} credits" if self.totals else ""

    @property
    def token(self) -> str:
        """What the page carries to tell whether the models and prices seen are still those ordered."""
        return ",".join(f"{one.model.form_key}:{one.total.credits}" for one in self.chosen)

    @property
    def stops(self) -> str:
        """Why it can't be ordered as it is chosen, or ""."""
        return next(self._obstacles(), "")

    def _obstacles(self) -> Iterator[str]:
        left_out = set(self.chosen_keys) - {one.model.form_key for one in self.chosen}
        for one in self.candidates:
            if one.model.form_key in left_out:
                left_out.discard(one.model.form_key)
                yield f"{one.model.name} can't be included: {_why_not(one)}."
        if left_out:
            yield "A model that you chose is not offered any more."
        if not self.chosen:
            yield "Choose the models that shall make the shot."
        if self.cap is None:
            yield f"Write the cap as a whole number from 1 to {HIGHEST_CAP:,}."
        for total in self.totals:
            if total.over:
                label = total.account.service_label
                yield f"{total.words.capitalize()} at {label} are more than your cap of {self.cap:,}."
        for total in self.totals:
            if total.missing:
                label = total.account.service_label
                yield f"Needs {total.missing:,} more credit{'' if total.missing == 1 else 's'} at {label}."

    def order(self, shot: UUID, seen: str, sure: str = "") -> list[Generation]:
        """Store all takes; or none, and say why. The same shot sent again is the same order."""
        sent = self._sent(shot)
        if not sent and self._is_refused(seen, sure):
            return []
        ordered = [one.order_form(shot) for one in self.chosen]
        if [form for form in ordered if not form.is_valid()]:
            self.problems += _problems(ordered)
            return []
        # Sent again with other models it is another order.
        same = not sent or sent == {form.cleaned_data["shot"] for form in ordered}
        takes = place_all(ordered) if same else []
        if not takes:
            self.problems += _problems(ordered)
            self.is_unsent = bool(self.problems)
            self.error = "" if self.problems else _ALREADY_SENT
        return takes

    def _sent(self, shot: UUID) -> set[UUID]:
        """The shots that an earlier press of the same button has made."""
        takes = Generation.objects.filter(owner=self.base.owner, fan_out=shot)
        return set(takes.values_list("shot", flat=True))

    def _is_refused(self, seen: str, sure: str) -> bool:
        asks = any(buying.needs_asking(self.base.owner, total.credits, "") for total in self.totals)
        if self.stops:
            self.error = f"{self.stops} Nothing was ordered."
        elif seen != self.token:
            self.error = f"This comes to {self.total_words}. Nothing was ordered; press again to accept it."
        elif asks and sure != self.token:
            self.over = buying.ask_over(self.base.owner)
        return bool(self.error or self.problems or self.over is not None)


def _credits(one: Candidate) -> Decimal:
    return one.total.credits or Decimal(0)


def _why_not(one: Candidate) -> str:
    return one.reasons[0] if one.reasons else "its price is not known beforehand, so no cap could hold it"


def _problems(ordered: Sequence[ShotForm]) -> Iterator[str]:
    """What the forms have against it: said once where all say the same, else with the models' names."""
    against: dict[str, list[str]] = {}
    for form in ordered:
        for text in dict.fromkeys(str(text) for errors in form.errors.values() for text in errors):
            against.setdefault(text, []).append(form.ai_model.name if form.ai_model else "")
    for text, names in against.items():
        yield text if len(names) == len(ordered) else f"{', '.join(names)}: {text}"


# The cap


def cap_of(purse: Purse | None) -> int:
    return (purse and purse.fan_out_cap) or USUAL_CAP


def read_cap(text: str) -> int | None:
    """None for anything but a whole number of credits."""
    digits = text.strip().replace(",", "")
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 8 else 0
    return number if 0 < number <= HIGHEST_CAP else None
