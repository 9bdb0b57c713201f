"""Everything that a take was made with, as a query of the create page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from catalog.services import HOOX

from . import choosing, requests, reuse
from .fields import SETTING
from .history import is_uuid
from .media.probe import BadMedia
from .models import Asset, Generation, Input, Upload
from .models.words import LONGEST_IN_URL

WORDS_OF = "words_of"
"""The take whose words an address would be too short for."""
Pairs = Iterator[tuple[str, Any]]
Sent = tuple[str, int, str]
"""An input of a stored body: (role, position, the service's id of the asset)."""
_WORDS = ("prompt", "shots", "points", "speech", "duration_ms")
"""Values that a form spells otherwise than a body does."""


def create_url(take: Generation) -> str:
    """The create page with the take's model, words, settings and inputs; what no longer exists is named in
    `missing`, once for each."""
    words = list(_words(take))
    if sum(len(_text(value)) for _, value in words) >= LONGEST_IN_URL:
        words = [(WORDS_OF, take.pk)]
    return f"{reverse('create')}?{_query([*_model(take), *words, *_others(take)]).urlencode()}"


def values(take: Generation) -> QueryDict:
    """The same as the values of a form."""
    return _query([*_model(take), *_words(take), *_others(take)])


def words(take: Generation) -> QueryDict:
    """Its words alone: prompt, shots and speech."""
    return _query(_words(take))


def _others(take: Generation) -> Pairs:
    yield from _hoox_settings(take) if take.account.service == HOOX else _settings(take)
    yield from _inputs(take)


def _query(pairs: Iterable[tuple[str, Any]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, _text(value))
    return query


def _text(value: Any) -> str:
    return {True: "1", False: "0"}[value] if isinstance(value, bool) else str(value)


def _model(take: Generation) -> Pairs:
    """The same one; when it is gone, one that makes the same."""
    offered = choosing.usable_models()
    if same := next((model for model in offered if model.pk and model.pk == take.ai_model_id), None):
        yield "model", same.form_key
        return
    yield "kind", take.ai_model.kind if take.ai_model else take.type
    if not any(model.pk is None and model.type == take.type for model in offered):
        yield "missing", "model"


def _words(take: Generation) -> Pairs:
    shots = _rows(requests.read(take.body, "shots"))
    for shot in shots:
        yield "shot_prompt", shot.get("prompt", "")
        yield "shot_seconds", round((_number(shot.get("duration_ms")) or 0) / 1000)
    joined = " / ".join(str(shot.get("prompt")) for shot in shots)
    if take.prompt != joined or not shots:  # "" too: the words of a draft don't belong here
        yield "prompt", take.prompt
    for speech in _rows([requests.read(take.body, "speech")]):
        yield "speech_text", speech.get("text", "")
        yield "speech_voice", speech.get("voice_id", "")


def _rows(value: Any) -> list[Mapping[str, Any]]:
    """Of a list that the service may have written: what is an object."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _settings(take: Generation) -> Pairs:
    values = requests.values_of(take.body)
    yield from ((name, value) for name, value in values.items() if name not in _WORDS)
    for point in _points(values.get("points")):
        yield "point", ",".join(f"{share:g}" for share in point)
    if length := _number(values.get("duration_ms")):
        # Of what follows a sound it says how much of that is spoken.
        chosen = take.ai_model is None or take.ai_model.duration_choices_ms
        yield "duration_ms" if chosen else "audio_ms", length


def _points(points: Any) -> list[list[float]]:
    """One pair, or one for each speaker; what is no pair of numbers is left out."""
    if not isinstance(points, list):
        return []
    pairs = points if any(isinstance(each, list) for each in points) else [points]
    return [pair for pair in pairs if _is_point(pair)]


def _is_point(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(_number(share) is not None for share in pair)


def _hoox_settings(take: Generation) -> Pairs:
    asked = take.body
    yield from ((name, asked[name]) for name in ("aspect_ratio", "resolution") if name in asked)
    if seconds := _number(asked.get("duration")):
        yield "duration_ms", round(seconds * 1000)
    for settings in _rows([asked.get("model_settings")]):
        yield from ((f"{SETTING}{key}", value) for key, value in settings.items())


# Inputs


def _inputs(take: Generation) -> Pairs:
    held = [(item.role, item.position, item.asset_id) for item in take.input_set.all()]
    if held:
        yield from ((_field(role, position), pk) for role, position, pk in sorted(held))
        return
    for role, position, remote_id in _sent(take.body):
        if asset := _known_here(take, remote_id):
            yield _field(role, position), asset.pk
        else:
            yield "missing", role.replace("_", " ")


def _sent(body: Mapping[str, Any]) -> Iterator[Sent]:
    """The inputs that a stored body names."""
    known = requests.TYPES.get(str(body.get("type")))
    for role, name in known.inputs.items() if known else ():
        found = body.get(name)
        ids = found if isinstance(found, list) else [found] if found else []
        yield from ((role, position, str(each)) for position, each in enumerate(ids))
    for number, element in enumerate(_rows(body.get("elements")), 1):
        others = element.get("reference_image_asset_ids")
        pictures = [element.get("frontal_image_asset_id"), *(others if isinstance(others, list) else [])]
        start = number * requests.PER_ELEMENT
        yield from ((Input.Role.ELEMENT, start + place, str(each)) for place, each in enumerate(pictures))


def _field(role: str, position: int) -> str:
    return f"element_{position // requests.PER_ELEMENT}" if role == Input.Role.ELEMENT else role


def _known_here(take: Generation, remote_id: str) -> Asset | None:
    """What we hold of the service's asset: an upload of ours, or the result of another take."""
    if not is_uuid(remote_id):
        return None
    uploads = Upload.objects.filter(account=take.account, remote_id=remote_id, asset__owner=take.owner)
    if upload := uploads.select_related("asset").first():
        return upload.asset
    made = (
        Generation.objects.owned_by(take.owner)
        .filter(account=take.account, remote_asset_id=remote_id)
        .first()
    )
    try:
        return reuse.asset_of(made) if made else None
    except BadMedia:
        return None
