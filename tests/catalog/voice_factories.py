"""Voices as the service sends them and as our table holds them."""

from itertools import count
from typing import Any

from django.utils import timezone

from catalog.models import Account, Voice

_numbers = count(1)


def voice_row(name: str = "Maya", labels: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    """One row of `GET /voices`; `fields` named `asset` replace parts of the inner one."""
    number = next(_numbers)
    inner = {
        "type": "voice",
        "external_id": f"voice-{number}",
        "labels": [{"name": key, "value": value} for key, value in (labels or {}).items()],
        "preview_url": f"https://media.example/voices/{number}.mp3?sig=1",
        "source": "elevenlabs",
        **fields.pop("asset", {}),
    }
    id_ = f"00000000-0000-4000-8000-{number:012}"
    return {"id": id_, "type": "voice", "name": name, "description": None, "asset": inner, **fields}


def make_voice(account: Account, name: str = "Maya", **fields: Any) -> Voice:
    now = timezone.now()
    values = {"remote_id": f"voice-{next(_numbers)}", "first_seen": now, "last_seen": now, **fields}
    return Voice.objects.create(account=account, name=name, **values)
