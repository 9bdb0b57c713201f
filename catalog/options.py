"""A model's own settings, as a form or an address writes them and as the service takes them."""

from collections.abc import Iterator, Mapping
from typing import Any

_WORDS = {"true": True, "on": True, "false": False, "off": False}


def typed(settings: object, chosen: Mapping[str, object]) -> dict[str, Any]:
    """What was chosen of these settings, each in its own type; what the model doesn't offer is left out."""
    found = {key: _value(setting, chosen[key]) for key, setting in _by_key(settings) if key in chosen}
    return {key: value for key, value in found.items() if value is not None}


def costly(settings: object) -> set[str]:
    """The settings on which the price may depend."""
    return {key for key, setting in _by_key(settings) if setting.get("affects_cost") is not False}


def _value(setting: Mapping[str, Any], chosen: object) -> bool | str | None:
    if setting.get("type") == "boolean":
        return chosen if isinstance(chosen, bool) else _WORDS.get(str(chosen).lower())
    return str(chosen) if chosen in (setting.get("options") or []) else None


def _by_key(settings: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for setting in settings if isinstance(settings, list) else []:
        if isinstance(setting, Mapping) and isinstance(setting.get("key"), str):
            yield setting["key"], setting
