"""Hoox's two envelopes: one with a code, one with a list of what is wrong with a body."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from sandbox.wire import HttpError, Json, Problem

CODES = {
    401: "invalid_api_key",
    402: "insufficient_credits",
    403: "plan_required",
    404: "not_found",
    429: "rate_limit_exceeded",
    500: "GENERATION_FAILED",
}
# Problems as the contract's checks name them; all others are values out of bounds.
PROBLEM_CODES = {"missing": "missing_content", "string_too_short": "missing_content"}
FORM_PROBLEMS = ("_type", "_parsing", "_unicode", "_invalid")


class HooxError(HttpError):
    """Ends a request with ``{"error": …, "code": …}``."""

    def __init__(
        self, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message, headers)
        self.code = code or CODES.get(status) or HTTPStatus(status).phrase.lower().replace(" ", "_")

    def body(self) -> Json:
        return {"error": self.detail, "code": self.code}


class InvalidBody(HooxError):
    """Ends a request with 400 and ``{"error": …, "details": […]}``."""

    def __init__(self, *problems: Json) -> None:
        super().__init__(400, "The request is not valid.", problems[0]["code"])
        self._problems = problems

    def body(self) -> Json:
        return {"error": self.detail, "details": list(self._problems)}


def wrong(field: str, message: str, code: str = "invalid_value") -> Json:
    """One entry of ``details``."""
    return {"code": code, "message": message, "field": field}


def told(problems: list[Problem]) -> InvalidBody:
    """What the contract's checks found, in Hoox's words."""
    return InvalidBody(
        *(wrong(_field(problem["loc"]), problem["msg"], _code(problem["type"])) for problem in problems)
    )


def _field(loc: list[str | int]) -> str:
    names = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc[1:]]
    return "".join(names).removeprefix(".")


def _code(kind: str) -> str:
    usual = "invalid_format" if kind.endswith(FORM_PROBLEMS) else "invalid_value"
    return PROBLEM_CODES.get(kind, usual)
