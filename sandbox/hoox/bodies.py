"""The bodies of ``POST /asset/pricing`` and ``POST /asset/start``."""

from __future__ import annotations

from typing import Any

from sandbox.contract import Check, Field, Loc, checked, integer, list_of, one_of, shape, text, url
from sandbox.hoox.errors import HooxError, told
from sandbox.hoox.schema import MAX_COUNT, SOURCES
from sandbox.wire import HttpError, Json, Problem, Request, problem


def an_object(value: Any, loc: Loc, problems: list[Problem]) -> Any:
    if not isinstance(value, dict):
        problems.append(problem("object_type", loc, "Input should be an object", value))
    return value


CHOICES = {
    "model": Field(text(1), required=True),
    "duration": Field(integer()),
    "resolution": Field(text()),
    "model_settings": Field(an_object),
    "generation_count": Field(integer(1, MAX_COUNT), default=1),
}
SLOTS = ("start_image", "end_image", "first_frame", "last_frame", "source_video", "motion_video")
TYPES = ("image", "video")


def a_source(value: Any, loc: Loc, problems: list[Problem]) -> Any:
    """Where an input comes from: exactly one of a link, an asset and an avatar."""
    an_object(value, loc, problems)
    given = [name for name in SOURCES if isinstance(value, dict) and value.get(name) is not None]
    if len(given) != 1:
        problems.append(problem("source_invalid", loc, f"Give exactly one of {', '.join(SOURCES)}", value))
        return value
    check = url if given == ["url"] else text(1)
    return {given[0]: check(value[given[0]], (*loc, given[0]), problems)}


PRICING = shape({**CHOICES, "image_count": Field(integer(0), default=0)})
START = shape(
    {
        **CHOICES,
        "type": Field(one_of(*TYPES), required=True),
        "prompt": Field(text(1), required=True),
        "references": Field(list_of(a_source)),
        **{slot: Field(a_source) for slot in SLOTS},
        "aspect_ratio": Field(text()),
        "parent_media_id": Field(text()),
        "folder_id": Field(text()),
        "avatar_description": Field(text()),
        "webhook_url": Field(url),
        "file_name": Field(text()),
    }
)


def body_of(request: Request, check: Check) -> Json:
    """Raises HooxError 400 for what is no JSON, or not of this shape."""
    try:
        body: Json = checked(check, _read(request), ("body",))
    except HooxError:
        raise
    except HttpError as error:
        if isinstance(error.detail, list):
            raise told(error.detail) from error
        raise HooxError(error.status, str(error.detail)) from error
    return body


def _read(request: Request) -> Any:
    try:
        return request.json()
    except HttpError as error:
        if error.status != 422:
            raise
        raise HooxError(400, "The body is no JSON.", "invalid_format") from error
