"""Presets: settings under a name, laid over whatever shot is being written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import QueryDict

from catalog.models import AIModel
from catalog.prices import durations

from .drafts import Values, readable, values_of
from .keeping import WISH, is_setting
from .models import Preset

MOST = 50
LONGEST_NAME = 60


class BadName(Exception):
    """Why a preset can't have this name, in a sentence for people."""


class Taken(BadName):
    """Another preset has it."""


@dataclass(frozen=True)
class Line:
    """A preset as a list shows it."""

    preset: Preset
    model: str
    """The name of its model; "" when that is not offered any more."""

    @property
    def words(self) -> str:
        """Grok Video T2V · 9:16 · 720p · 5 s · × 4"""
        told = {name: texts[-1] for name, texts in settings_in(self.preset).items() if texts}
        length, count = told.get("duration_ms", ""), told.get("variations", "")
        words = [
            self.model or "its model is gone",
            told.get("aspect_ratio", ""),
            told.get("resolution", "") or told.get("target_resolution", ""),
            durations.length(int(length)) if length.isdecimal() and len(length) < 10 else "",
            f"× {count}" if count not in ("", "1") else "",
        ]
        return " · ".join(word[:60] for word in words if word)


def lines_of(owner: User, models: Iterable[AIModel]) -> list[Line]:
    names = {str(model.form_key): model.name for model in models}
    presets = Preset.objects.filter(owner=owner)[:MOST]
    return [Line(preset, names.get(model_of(preset), "")) for preset in presets]


def model_of(preset: Preset) -> str:
    """The form's key of its model."""
    return next(iter(settings_in(preset).get("model", [])), "")


def settings_of(data: QueryDict) -> Values:
    """What of a form a preset holds: no words, no inputs."""
    return {name: texts for name, texts in values_of(data).items() if is_setting(name)}


def save(owner: User, name: str, data: QueryDict, *, overwrite: bool = False) -> Preset:
    """Store the form's settings under a new name, or a known one to overwrite. Raises BadName."""
    name, values = checked(name), settings_of(data)
    if not values:
        raise BadName("There are no settings to save yet. Choose some on the create page.")
    if known := Preset.objects.filter(owner=owner, name__iexact=name).first():
        if not overwrite:
            raise Taken(f"There is a preset “{known.name}” already.")
        known.values = values
        known.save(update_fields=["values"])
        return known
    if Preset.objects.filter(owner=owner).count() >= MOST:
        raise BadName(f"There are {MOST} presets already. Delete one to make room.")
    return _create(owner, name, values)


def _create(owner: User, name: str, values: Values) -> Preset:
    try:
        with transaction.atomic():
            return Preset.objects.create(owner=owner, name=name, values=values)
    except IntegrityError as error:  # the same press of the button, a moment ago
        raise Taken(f"There is a preset “{name}” already.") from error


def rename(preset: Preset, name: str) -> None:
    """Raises BadName."""
    name = checked(name)
    others = Preset.objects.filter(owner=preset.owner_id, name__iexact=name).exclude(pk=preset.pk)
    if others.exists():
        raise Taken(f"There is a preset “{name}” already.")
    preset.name = name
    try:
        with transaction.atomic():
            preset.save(update_fields=["name"])
    except IntegrityError as error:
        raise Taken(f"There is a preset “{name}” already.") from error


def checked(name: str) -> str:
    """The name without needless spaces. Raises BadName."""
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise BadName("Give the preset a name.")
    if len(name) > LONGEST_NAME:
        raise BadName(f"The name has {len(name)} characters; {LONGEST_NAME} fit.")
    return name


def laid_over(preset: Preset, data: QueryDict, models: Iterable[AIModel]) -> QueryDict:
    """The form's values with the preset's settings in place of its own; words and inputs stay, and so does
    the model when the preset's is gone."""
    mixed, settings = data.copy(), dict(settings_in(preset))
    if model_of(preset) not in {str(model.form_key) for model in models}:
        settings["model"] = data.getlist("model")
    for name in list(mixed):
        if is_setting(name.removeprefix(WISH)):
            mixed.pop(name)
    for name, texts in settings.items():
        mixed.setlist(name, texts)
    return mixed


def settings_in(preset: Preset) -> Mapping[str, list[str]]:
    return {name: texts for name, texts in readable(preset.values).items() if is_setting(name)}
