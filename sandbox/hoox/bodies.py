"""The bodies of ``POST /asset/pricing`` and ``POST /asset/start``."""

from __future__ import annotations

from typing import Any

from sandbox.contract import Check, Field, Loc, checked, integer, shape, text
from sandbox.hoox.errors import HooxError, told
from sandbox.hoox.schema import MAX_COUNT
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
PRICING = shape({**CHOICES, "image_count": Field(integer(0), default=0)})


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
