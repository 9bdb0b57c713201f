"""What is told of a take: the prompt, and how it was made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from catalog.services import HOOX
from generations import requests
from generations.models import Generation

MOST_BYTES = 60_000
"""Of each text: a comment of a JPEG holds no more than 64 KB."""


@dataclass(frozen=True)
class Story:
    """The same in every kind of file: a title, a comment that programs can read, and who wrote them."""

    title: str
    comment: str
    program: str


def story_of(take: Generation) -> Story:
    facts = facts_of(take)
    comment = _json(facts)
    if len(comment.encode()) > MOST_BYTES:
        comment = _json({**facts, "prompt": _cut(take.prompt, MOST_BYTES // 4), "settings": {}})
    return Story(_cut(take.title, MOST_BYTES), _cut(comment, MOST_BYTES), f"Hedra Studio {settings.VERSION}")


def facts_of(take: Generation) -> dict[str, Any]:
    """The prompt, the model, the settings and the ids, as the take's page names them."""
    return {
        "prompt": take.prompt,
        "kind": take.kind_words,
        "model": take.model_name,
        "service": take.account.service_label,
        "settings": _settings(take),
        "ids": _ids(take),
        "created": iso(take.created),
    }


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _settings(take: Generation) -> dict[str, Any]:
    """As asked for; where the request isn't kept, what the take itself says. Never the request whole: it may
    hold signed links and the address that the service calls."""
    own = {"aspect_ratio": take.aspect_ratio, "resolution": take.resolution}
    if take.account.service == HOOX:
        asked = {**_dict(take.body.get("model_settings")), "duration": take.body.get("duration")}
    else:
        asked = requests.values_of(take.body)
    return {name: value for name, value in {**own, **asked}.items() if name != "prompt" and value}


def _ids(take: Generation) -> dict[str, str]:
    found = {"take": take.pk, "generation": take.remote_id, "at_service": take.service_id}
    if not take.service_id:
        found["asset"] = take.remote_asset_id or ""
    return {name: str(value) for name, value in found.items() if value}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, default=str)


def _cut(text: str, most: int) -> str:
    """Whole characters of at most so many bytes; without NUL, which ends a text in most files, and without
    halves of characters, which none can hold."""
    whole = text.replace("\0", "").encode(errors="ignore")
    return whole[:most].decode(errors="ignore")
