"""The options of a shot: a field for each that the chosen model offers, none for what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms

from catalog.models import AIModel, Voice
from catalog.prices import durations
from catalog.services import HEDRA

from .requests import TYPES

USUAL_MS = 5000
VARIATIONS = {HEDRA: (1, 2, 4, 8)}  # the API takes up to 8
VARIATIONS_ELSEWHERE = (1, 2, 3, 4)
_ONCE = {"voice_clone", "audio_isolation", "speech_to_speech", "image_upscale", "video_upscale"}
"""Made from one input and nothing to vary: two would be the same."""
TARGETS = ("1080p", "2K", "4K")
LANGUAGES = (
    "auto", "Afrikaans", "Arabic", "Bulgarian", "Catalan", "Chinese", "Chinese,Yue", "Croatian", "Czech",
    "Danish", "Dutch", "English", "Filipino", "Finnish", "French", "German", "Greek", "Hebrew", "Hindi",
    "Hungarian", "Indonesian", "Italian", "Japanese", "Korean", "Malay", "Norwegian", "Nynorsk", "Persian",
    "Polish", "Portuguese", "Romanian", "Russian", "Slovak", "Slovenian", "Spanish", "Swedish", "Tamil",
    "Thai", "Turkish", "Ukrainian", "Vietnamese",
)  # fmt: skip
SETTING = "setting_"
"""A model's own settings are fields of this prefix and its key."""
_CHOICE_ERRORS = {
    "required": "Choose one of these.",
    "invalid_choice": "The model doesn't offer %(value)s. Choose one of these.",
}


class Voices(dict[int, list[tuple[str, Any]]]):
    """The voices of each account as choices by language, read once for all forms of a shot."""

    def __missing__(self, account_id: int) -> list[tuple[str, Any]]:
        groups: dict[str, list[tuple[str, str]]] = {}
        for voice in Voice.objects.current().filter(account=account_id).order_by("language", "name"):
            language = voice.language.capitalize() or "Other"
            groups.setdefault(language, []).append((voice.remote_id, voice.name))
        self[account_id] = [("", "Choose a voice"), *groups.items()]
        return self[account_id]


def fields_of(model: AIModel, voices: Voices) -> dict[str, forms.Field]:
    """In the order in which they are shown."""
    asked = TYPES[model.request_type].values if model.account.service == HEDRA else _ELSEWHERE
    makers = {"voice": lambda model: voice_field(model, voices), **_MAKERS}
    wanted = [name for name in makers if name in asked]
    made = {name: field for name in wanted if (field := makers[name](model))}
    return made | _settings(model) | _variations(model)


def _choice(
    label: str, choices: list[tuple[Any, str]], initial: Any = None, **more: Any
) -> forms.Field | None:
    """None without a choice: what a model lacks is absent."""
    if not choices:
        return None
    return forms.ChoiceField(
        choices=choices,
        widget=more.pop("widget", forms.RadioSelect),
        label=label,
        initial=choices[0][0] if initial is None else initial,
        error_messages=_CHOICE_ERRORS,
        **more,
    )


def _list() -> forms.Select:
    return forms.Select(attrs={"class": "field"})


def _named(values: Any) -> list[tuple[Any, str]]:
    return [(value, str(value)) for value in values]


def _languages() -> list[tuple[str, str]]:
    """As the service names them; its "auto" is a word for machines."""
    return [(name, "Automatic" if name == "auto" else name) for name in LANGUAGES]


def _aspect_ratio(model: AIModel) -> forms.Field | None:
    return _choice("Aspect ratio", _named(model.ratios), model.usual_ratio)


def _resolution(model: AIModel) -> forms.Field | None:
    return _choice("Resolution", _named(model.resolutions or []), model.default_resolution_or_first)


def _duration(model: AIModel) -> forms.Field | None:
    choices = [(ms, durations.length(ms)) for ms in model.duration_choices_ms]
    usual = next((ms for ms, _ in choices if ms >= USUAL_MS), choices[-1][0] if choices else None)
    return _choice("Duration", choices, usual)


def _orientation(model: AIModel) -> forms.Field | None:
    choices = [("video", "Of the video (to 30 s)"), ("image", "Of the image (to 10 s)")]
    return _choice("Character faces", choices)


def voice_field(model: AIModel, voices: Voices, *, required: bool = True) -> forms.Field:
    return forms.ChoiceField(
        required=required,
        choices=voices[model.account_id],
        label="Voice",
        widget=_list(),
        error_messages={
            "required": "Choose a voice.",
            "invalid_choice": "This voice is not offered any more. Choose another.",
        },
    )


def _target(model: AIModel) -> forms.Field | None:
    return _choice("Upscale to", _named(model.resolutions or TARGETS))


def _amount(label: str, least: str, most: str, usual: str, hint: str, step: str = "0.05") -> forms.Field:
    """A number within bounds of the contract, typed or drawn."""
    return forms.DecimalField(
        label=label,
        min_value=Decimal(least),
        max_value=Decimal(most),
        initial=Decimal(usual),
        help_text=hint,
        widget=forms.NumberInput(attrs={"class": "field", "step": step, "inputmode": "decimal"}),
    )


def _switch(label: str, hint: str, initial: bool = False) -> forms.Field:
    return forms.BooleanField(label=label, help_text=hint, required=False, initial=initial)


def _loop(model: AIModel) -> forms.Field | None:
    """Only the second generation of the model takes it, says the contract."""
    if "v2" not in model.key:
        return None
    return _switch("Loop", "The end leads into the beginning.")


def _name(model: AIModel) -> forms.Field:
    text = forms.TextInput(attrs={"class": "field"})
    errors = {"required": "Give the voice a name."}
    return forms.CharField(label="Name of the voice", max_length=255, widget=text, error_messages=errors)


_MAKERS: dict[str, Callable[[AIModel], forms.Field | None]] = {
    "name": _name,
    "aspect_ratio": _aspect_ratio,
    "resolution": _resolution,
    "target_resolution": _target,
    "duration_ms": _duration,
    "duration_seconds": lambda model: _amount("Duration", "0.5", "30", "5", "seconds, 0.5 to 30", "0.5"),
    "character_orientation": _orientation,
    "stability": lambda model: _amount("Liveliness", "0", "1", "1", "0 is the most stable, 1 the liveliest"),
    "speed": lambda model: _amount("Speed", "0.7", "1.2", "1", "0.7 slow to 1.2 fast"),
    "language": lambda model: _choice("Language", _languages(), widget=_list()),
    "prompt_influence": lambda model: _amount("Closeness to the text", "0", "1", "0.3", "0 loose, 1 literal"),
    "loop": _loop,
    "keep_audio": lambda model: _switch("Keep the sound", "Of the video that is restyled.", initial=True),
    "enhance_prompt": lambda model: _switch(
        "Enhance the prompt", "The service rewrites it; yours is kept with the take."
    ),
}
_ELSEWHERE = {"aspect_ratio", "resolution", "duration_ms"}


def _settings(model: AIModel) -> dict[str, forms.Field]:
    """The switches and choices that a model of Hoox has of its own."""
    found: dict[str, forms.Field] = {}
    for setting in model.settings or []:
        cost = "Changes the price." if setting["affects_cost"] else ""
        if setting["type"] == "boolean":
            field: forms.Field | None = _switch(setting["label"], cost, initial=setting["default"] is True)
        else:
            field = _choice(setting["label"], _named(setting["options"]), setting["default"], help_text=cost)
        if field:
            found[f"{SETTING}{setting['key']}"] = field
    return found


def _variations(model: AIModel) -> dict[str, forms.Field]:
    if model.request_type in _ONCE:
        return {}
    counts = VARIATIONS.get(model.account.service, VARIATIONS_ELSEWHERE)
    field = _choice("Variations", _named(counts), 1)
    return {"variations": field} if field else {}
