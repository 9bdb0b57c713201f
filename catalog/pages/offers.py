"""A model held against the shot that people describe: what it would make, for how much, and how to use it."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.functional import cached_property

from catalog.models import AIModel
from catalog.pages.fitting import CANNOT, FITS, UNSURE, Fit, fit
from catalog.pages.wishes import Wish
from catalog.prices.durations import length
from catalog.prices.quoting import Quote, Shot


@dataclass
class Offer:
    """One model's, on its own page or beside others. `each` is the price of one take."""

    model: AIModel
    wish: Wish
    each: Quote | None = None

    @cached_property
    def fit(self) -> Fit:
        """Whoever looks at a model asks for its kind."""
        return fit(self.model, self.wish, (self.model.kind,))

    @cached_property
    def shot(self) -> Shot:
        """What it would make: silent where it has no sound, whatever is wanted."""
        shot = self.fit.shot
        return replace(shot, audio=False) if shot.audio and self.model.makes_sound is False else shot

    @property
    def quote(self) -> Quote:
        return self.each or self.model.price(self.shot)

    @property
    def total(self) -> Quote:
        """The price of all takes."""
        return self.quote.times(self.wish.count)

    @property
    def cannot(self) -> bool:
        return self.fit.rank == CANNOT

    @property
    def makes_it(self) -> str:
        """Whether it makes the shot, in a word."""
        return {FITS: "yes", UNSURE: "perhaps", CANNOT: "no"}[self.fit.rank]

    @property
    def reasons(self) -> str:
        """Why it can't make the shot."""
        return ", ".join(self.fit.reasons)

    @property
    def remarks(self) -> str:
        """How what is priced differs from the shot, and what nobody states about it."""
        return ", ".join(filter(None, [*self.fit.notes, self.quote.note, *self.fit.doubts]))

    @property
    def shot_words(self) -> str:
        """What is priced: "8 s · 720p · 16:9 · with sound"."""
        shot = self.shot
        sound = {True: "with sound", False: "no sound", None: ""}[shot.audio]
        return " · ".join(filter(None, [self._length_words, shot.resolution, shot.aspect_ratio, sound]))

    @property
    def _length_words(self) -> str:
        ms = self.shot.duration_ms
        return length(ms) if ms and self.model.makes_lengths else ""

    @property
    def offered(self) -> bool:
        """Whether the service has it now, and its key is in use."""
        return self.model.retired_at is None and self.model.account.is_current

    @property
    def usable(self) -> bool:
        return self.offered and self.model.can_create

    @property
    def why_not(self) -> str:
        """Why there is no "Use", in a sentence; "" when there is."""
        account, gone = self.model.account, self.model.retired_at
        if gone:
            return f"{account.label} has not offered it since {date_format(gone, 'j M Y')}."
        if not account.is_current:
            return f"It belongs to a {account.label} key that is not in use. Put that key back to use it."
        if self.model.can_create:
            return ""
        if self.model.needs_not_stated:
            return f"{account.service_label} has not told yet what it needs; the studio asks by and by."
        return "It makes or needs something that the studio knows no request for."

    @property
    def use_query(self) -> str:
        return use_query(self.model, self.fit, self.wish)


def use_query(model: AIModel, fit: Fit, wish: Wish) -> str:
    """Takes the priced shot along to the create page."""
    shot = fit.shot
    named = wish.resolution and shot.resolution in (model.resolutions or [])
    wanted = {
        "model": model.pk,
        "duration_ms": shot.duration_ms if model.duration_choices_ms else None,
        "aspect_ratio": wish.aspect_ratio if wish.aspect_ratio in model.ratios else "",
        "resolution": shot.resolution if named else "",
        "variations": wish.count if wish.count > 1 else None,
    }
    return urlencode({name: value for name, value in wanted.items() if value}, safe=":")
