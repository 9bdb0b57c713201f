"""Whether a model can make a shot, what it would make of it, and what that costs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.functional import cached_property

from catalog import inputs
from catalog.models import AIModel
from catalog.pages.wishes import TEXT_ONLY, Wish
from catalog.prices import quoting
from catalog.prices.durations import length
from catalog.prices.quoting import Quote, Shot, snap

FITS, UNSURE, CANNOT = range(3)
_MAKES = {"video", "avatar"}
"""Kinds that a shot is made with; others fit it only when people ask for that kind."""
_ARTICLE = {"image": "an image", "text_to_speech": "speech"}


@dataclass(frozen=True)
class Fit:
    """A wish held against a model. Each text is a few words: "no 9:16", "aspect ratios not stated"."""

    shot: Shot
    """What the model would make, as near as it comes."""
    quote: Quote
    """The price of one take of it."""
    notes: tuple[str, ...] = ()
    """How it differs from the wish."""
    doubts: tuple[str, ...] = ()
    """What the service doesn't say."""
    reasons: tuple[str, ...] = ()
    """Why it can't be made."""

    @cached_property
    def rank(self) -> int:
        """FITS, UNSURE or CANNOT."""
        return CANNOT if self.reasons else UNSURE if self.doubts else FITS


def fit(model: AIModel, wish: Wish, kinds: Collection[str] = ()) -> Fit:
    """`kinds` are those that people asked for."""
    shot = shot_of(model, wish)
    return Fit(
        shot,
        model.price(shot),
        notes=tuple(_notes(model, wish, shot)),
        doubts=tuple(_doubts(model, wish)),
        reasons=tuple(_reasons(model, wish, kinds)),
    )


def shot_of(model: AIModel, wish: Wish) -> Shot:
    """The wish with the model's own choices: the length snapped, its spelling of the resolution."""
    ratio = wish.aspect_ratio
    return Shot(
        duration_ms=snap(model, wish.duration_ms) if model.makes_lengths else None,
        resolution=_offered(model, wish.resolution) or model.default_resolution_or_first,
        aspect_ratio=ratio if ratio and model.offers_ratio(ratio) else model.usual_ratio,
        audio=wish.audio,
        images=max(wish.images, model.least_images),
    )


def _offered(model: AIModel, resolution: str) -> str:
    """In the service's spelling: "4K" where people say "4k"; "" when the model lacks it."""
    if not resolution:
        return ""
    wanted = resolution.casefold()
    return next((name for name in model.resolutions or [] if name.casefold() == wanted), "")


def _notes(model: AIModel, wish: Wish, shot: Shot) -> Iterator[str]:
    if shot.duration_ms is not None and shot.duration_ms > wish.duration_ms:
        yield f"priced at {length(shot.duration_ms)}"


def _doubts(model: AIModel, wish: Wish) -> Iterator[str]:
    if wish.resolution and not model.resolutions:
        yield "resolutions not stated"
    if wish.aspect_ratio and not model.ratios and not model.aspect_ratio_range:
        yield "aspect ratios not stated"
    if wish.audio is not None and quoting.prices_sound(model):
        yield "sound can't be chosen in an order"
    elif wish.audio and model.makes_sound is None:
        yield "sound not stated"
    if model.makes_lengths and not (model.duration_choices_ms or model.longest_ms or model.length_source):
        yield "durations not stated"
    if model.needs_not_stated:
        yield "needs not stated"


def _reasons(model: AIModel, wish: Wish, kinds: Collection[str]) -> Iterator[str]:
    if model.kind not in _MAKES and model.kind not in kinds and not _has_its_video(model, wish):
        yield f"makes {_ARTICLE.get(model.kind) or model.kind_label.lower()}"
    longest = model.longest_ms
    if model.makes_lengths and longest and wish.duration_ms > longest:
        yield f"longest {length(longest)}"
    if wish.resolution and model.resolutions and not _offered(model, wish.resolution):
        yield f"no {wish.resolution}"
    if wish.aspect_ratio and _names_ratios(model) and not model.offers_ratio(wish.aspect_ratio):
        yield f"no {wish.aspect_ratio}"
    if wish.audio and model.makes_sound is False:
        yield "no sound"
    if wish.audio is False and inputs.AUDIO in model.required_roles:
        yield "always with sound"
    yield from _input_reasons(model, wish)


def _has_its_video(model: AIModel, wish: Wish) -> bool:
    return inputs.VIDEO in model.required_roles and inputs.VIDEO in wish.have


def _names_ratios(model: AIModel) -> bool:
    return bool(model.ratios or model.aspect_ratio_range)


def _input_reasons(model: AIModel, wish: Wish) -> Iterator[str]:
    """What it needs and is not at hand, and what is at hand and can't go in."""
    if not wish.have:
        return
    given = {role for role in wish.have if role != TEXT_ONLY}
    if missing := [slot.word for slot in model.all_slots if slot.required and slot.role not in given]:
        yield f"needs {' + '.join(missing)}"
    if not model.needs_not_stated and (unused := given - model.roles):
        yield f"takes no {' or '.join(word for role, word in inputs.WORDS.items() if role in unused)}"
