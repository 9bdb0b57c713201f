"""Everything that is known of a model, in words with units. What a service doesn't say is never filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog import inputs
from catalog.inputs import InputSlot
from catalog.models import AIModel
from catalog.prices import durations
from catalog.prices.durations import length
from catalog.words import sorted_ratios

_KILOBYTE, _MEGABYTE = 1024, 1024 * 1024


@dataclass(frozen=True)
class Fact:
    """No words: the service says nothing of it. `absent`: the model has none of it, and a page of one model
    leaves it out; without words it doesn't concern such a model at all."""

    label: str
    words: str = ""
    note: str = ""
    absent: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    facts: list[Fact]


def sections(model: AIModel) -> list[Section]:
    """Of every model the same facts in the same order; its own settings come last."""
    return [
        Section("What it takes", list(_takes(model))),
        Section("What it makes", list(_makes(model))),
        Section("Settings", [_setting(setting) for setting in model.settings or []]),
        Section("Access", list(_access(model))),
    ]


def _takes(model: AIModel) -> Iterator[Fact]:
    stated = not model.needs_not_stated
    yield Fact("Needs", " + ".join(model.needs) if stated else "")
    slots = {slot.role: slot for slot in model.all_slots}
    for role, word in inputs.WORDS.items():
        slot = slots.get(role)
        if slot:
            yield Fact(word.capitalize(), "required" if slot.required else "optional", limit_words(slot))
        else:
            yield Fact(word.capitalize(), "not taken" if stated else "not stated", absent=True)
    yield Fact("Prompt", _prompt_words(model))


def limit_words(slot: InputSlot) -> str:
    """ "up to 3 images, up to 10 MB each, 300 to 4,096 px a side, 2 s to 30 s"."""
    several = slot.max_count > 1
    size = f"up to {_size(slot.max_bytes)}{' each' if several else ''}" if slot.max_bytes else ""
    sides = _between(slot.min_dimension_px, slot.max_dimension_px, lambda px: f"{px:,}")
    lengths = _between(slot.min_duration_ms, slot.max_duration_ms, length)
    count = f"up to {slot.max_count} {slot.type}s" if several else ""
    said = [count, size, f"{sides} px a side" if sides else "", lengths]
    return ", ".join(filter(None, said)) or "limits not stated"


def _between(least: int | None, most: int | None, words: Any) -> str:
    if least and most:
        return f"{words(least)} to {words(most)}"
    return f"at least {words(least)}" if least else f"up to {words(most)}" if most else ""


def _size(size: int) -> str:
    """A limit, so rounded down: 1572864 → "1.5 MB"."""
    unit, name = (_KILOBYTE, "kB") if size < _MEGABYTE else (_MEGABYTE, "MB")
    return f"{size} bytes" if size < _KILOBYTE else f"{size * 10 // unit / 10:g} {name}"


def _prompt_words(model: AIModel) -> str:
    between = _between(model.min_prompt_length, model.max_prompt_length, lambda count: f"{count:,}")
    return f"{between} characters" if between else ""


def _makes(model: AIModel) -> Iterator[Fact]:
    yield Fact("Kind", model.kind_label)
    ratios = _listed(_in_usual_order(model.aspect_ratios), model.default_aspect_ratio)
    yield Fact("Aspect ratios", ratios or model.ratio_note, model.ratio_note if ratios else "")
    any_size = "other sizes too" if model.custom_resolution else ""
    yield Fact("Resolutions", _listed(model.resolutions, model.default_resolution), any_size)
    yield Fact("Size in pixels", "; ".join(_pixels(model.dimensions)))
    lengths = ", ".join(filter(None, [model.durations_words, _default_length(model)]))
    yield Fact("Durations", lengths, absent=not model.makes_lengths)
    longest = length(model.longest_ms) if model.longest_ms else ""
    yield Fact("Longest", longest, absent=not model.makes_lengths)
    sound = {True: "with sound", False: "no sound", None: ""}[model.makes_sound]
    yield Fact("Sound", sound, absent=not model.makes_lengths)
    yield Fact("Usual wait", model.eta_words)


def _in_usual_order(ratios: list[str] | None) -> list[str] | None:
    """So that models which differ in nothing else read alike."""
    return None if ratios is None else sorted_ratios(ratios)


def _listed(values: list[str] | None, default: str) -> str:
    """ "480p, 720p (default)"; [] is said to be none."""
    if values is None:
        return f"{default} (default)" if default else ""
    named = [f"{value} (default)" if value == default else value for value in values]
    return ", ".join(named) or "none named"


def _default_length(model: AIModel) -> str:
    ms = durations.read(model.default_duration)
    return f"{length(ms)} by default" if ms else ""


def _pixels(dimensions: Any) -> Iterator[str]:
    """ "16:9: 1280 × 720 (720p), 1920 × 1080 (1080p)"."""
    for ratio, found in dimensions.items() if isinstance(dimensions, Mapping) else ():
        each = [f"{size['width']} × {size['height']} ({resolution})" for resolution, size in found.items()]
        if each:
            yield f"{ratio}: {', '.join(each)}"


def _setting(setting: Mapping[str, Any]) -> Fact:
    options = ["on", "off"] if setting["type"] == "boolean" else list(setting["options"])
    default = {True: "on", False: "off", None: ""}.get(setting["default"], setting["default"])
    words = _listed(options, str(default))
    return Fact(setting["label"], words, "changes the price" if setting["affects_cost"] else "")


def _access(model: AIModel) -> Iterator[Fact]:
    plans = model.required_plans
    yield Fact("Plans", "" if plans is None else ", ".join(plans) or "any")
    yield Fact("Premium", {True: "yes", False: "no", None: ""}[model.premium])
    yield Fact("Tags", "" if model.tags is None else ", ".join(map(str, model.tags)) or "none")
