"""Models as the service sends them and as our table holds them."""

import json
from itertools import count
from pathlib import Path
from typing import Any

from django.utils import timezone

import sandbox
from catalog.makers import maker_of
from catalog.models import Account, AIModel

_numbers = count(1)


def row(name: str = "Grok Video T2V", **fields: Any) -> dict[str, Any]:
    """One row of `GET /models`, with a slug and id of its own."""
    number = next(_numbers)
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "slug": f"maker/model-{number}",
        "name": name,
        "description": None,
        "type": "video",
        "price_details": {"credit_cost": 7, "unit_scale": 1, "billing_unit": "second"},
        "pricing": {"base_cost": None, "credits_per_second": 7, "modifiers": {}},
        "aspect_ratios": ["16:9", "9:16"],
        "resolutions": ["720p"],
        "durations": ["5000", "10000"],
        **fields,
    }


def make_model(account: Account, name: str = "Grok Video T2V", **fields: Any) -> AIModel:
    sent = row(name)
    now = timezone.now()
    facts = {field: sent[field] for field in ("type", "pricing", "aspect_ratios", "resolutions", "durations")}
    seen = {"remote_id": sent["id"], "slug": sent["slug"], "first_seen": now, "last_seen": now}
    values = {"maker": maker_of(name), **seen, **facts, **fields}
    account.touch()
    return AIModel.objects.create(account=account, name=name, **values)


def real_rows() -> list[dict[str, Any]]:
    """The models that the sandbox offers."""
    file = Path(sandbox.__file__).with_name("catalog.json")
    rows: list[dict[str, Any]] = json.loads(file.read_text())
    return rows


def rate(per_second: Any = None, base: Any = None, **modifiers: dict[str, Any]) -> dict[str, Any]:
    """A `pricing` object."""
    return {"base_cost": base, "credits_per_second": per_second, "modifiers": modifiers}


def details(cost: Any, scale: Any, unit: Any) -> dict[str, Any]:
    """A `price_details` object."""
    return {"credit_cost": cost, "unit_scale": scale, "billing_unit": unit}
