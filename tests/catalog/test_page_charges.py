"""Every figure of the catalog page is what the take costs when it is really made, at either service."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests
from django.http import QueryDict
from django.test import Client

from catalog.mirror.details import read_details
from catalog.models import Account, AIModel, CallBudget
from catalog.pages.criteria import Criteria
from catalog.pages.filters import Line
from catalog.prices.asking import ask_due
from clients.hedra import HedraClient
from sandbox.server import Handle
from tests.catalog.test_charges import hedra, inputs, is_video, request, upload
from tests.factories import wav
from tests.sandboxed import Studio

pytestmark = pytest.mark.any_database

__all__ = ["hedra", "inputs"]

SHOTS = (
    "",
    "seconds=8&shot_ratio=9:16",
    "seconds=4&shot_resolution=1080p&takes=2",
    "seconds=10&shot_resolution=720p&shot_ratio=16:9&takes=4",
    "seconds=6&audio=off&shot_resolution=720p",
)
SAMPLED = 20
PICTURE = "https://pictures.example/lighthouse.jpg"


class Hoox:
    """Orders at the second service over its own HTTP."""

    def __init__(self, sandbox: Handle, key: str) -> None:
        self.sandbox, self.key = sandbox, key

    def order(self, line: Line) -> Decimal:
        """The credits charged for one take of the line."""
        url, head = f"{self.sandbox.hoox_url}/asset/start", {"Authorization": f"Bearer {self.key}"}
        answer = requests.post(url, json=self.body(line), headers=head, timeout=30)
        assert answer.status_code == 201, answer.text
        [asset] = answer.json()["asset_ids"]
        entries = self.sandbox.ledger(self.key, "hoox")["entries"]
        return next(Decimal(entry["credits"]) for entry in entries if entry["generation_id"] == asset)

    def body(self, line: Line) -> dict[str, Any]:
        model, shot = line.model, line.fit.shot
        switches = {setting["key"] for setting in model.settings or [] if setting["key"] == "generateAudio"}
        wanted = {
            "duration": shot.duration_ms // 1000 if shot.duration_ms and model.duration_choices_ms else None,
            "resolution": shot.resolution if model.resolutions else "",
            "aspect_ratio": shot.aspect_ratio,
            "model_settings": {key: shot.audio for key in switches if shot.audio is not None},
        }
        chosen = {name: value for name, value in wanted.items() if value}
        return {
            "type": model.type,
            "model": model.slug,
            "prompt": "Dawn",
            **chosen,
            **self.inputs(model, shot.images),
        }

    def inputs(self, model: AIModel, images: int) -> dict[str, Any]:
        """What the model's own schema requires, and as many pictures as were priced."""
        url = f"{self.sandbox.hoox_url}/asset/models/{model.slug}"
        head = {"Authorization": f"Bearer {self.key}"}
        schema = requests.get(url, headers=head, timeout=30).json()["input_schema"]
        if "references" in schema["properties"]:
            return {"references": [{"url": PICTURE}] * images} if images else {}
        slots = [name for name in schema["required"] if name != "prompt"]
        return {name: {"url": PICTURE} for name in slots or ["start_image"][:images]}


@pytest.fixture
def both(studio: Studio, hoox: Account, sandbox: Handle) -> Account:
    """Both services, rich, with all that is known of every model; nothing is really rendered."""
    while AIModel.objects.filter(account=hoox, detail_at=None).exists():
        read_details(hoox)
        CallBudget.objects.all().delete()
    return hoox


def lines_of(client: Client, hoox: Account, query: str) -> list[Line]:
    """What the page shows once every price is known: only what it says can be made."""
    client.get(f"/catalog/?{query}")
    while ask_due(hoox) is not None:
        CallBudget.objects.all().delete()
    found: list[Line] = client.get(f"/catalog/?{query}").context["filters"].lines
    return [line for line in found if not line.cannot]


@pytest.mark.slow
@pytest.mark.parametrize("query", SHOTS)
def test_what_the_page_shows_is_what_is_charged(
    client: Client,
    both: Account,
    studio: Studio,
    hedra: HedraClient,
    inputs: dict[str, str],
    query: str,
    sandbox: Handle,
    settings: Any,
) -> None:
    said = Criteria.from_query(QueryDict(query)).wish
    inputs["audio_input"] = upload(hedra, "audio", "speech.wav", wav(said.duration_ms / 1000))
    sandbox.fault("stuck", times=0, service="hoox")
    sandbox.settings(key=settings.HOOX_KEY, service="hoox", balance=100_000)
    shown = lines_of(client, both, query)
    at_hedra = [line for line in shown if line.model.account != both and is_video(line.model)][:SAMPLED]
    # What is extended has to have been made there; no upload can stand in for it.
    at_hoox = [line for line in shown if line.model.account == both and "extend" not in line.model.slug][
        :SAMPLED
    ]
    service = Hoox(sandbox, settings.HOOX_KEY)

    charged: dict[int, Decimal] = {line.model.pk: service.order(line) for line in at_hoox}
    orders = {
        line.model.pk: str(hedra.submit(request(line.model, line.fit.shot, inputs)).generation_id)
        for line in at_hedra
    }
    entries = {
        entry["generation_id"]: Decimal(entry["credits"])
        for entry in studio.sandbox.ledger(studio.key)["entries"]
    }
    charged |= {pk: entries[made] for pk, made in orders.items()}

    assert {line.model.pk: line.each.credits for line in at_hedra + at_hoox} == charged
    assert (len(at_hedra) >= 10, len(at_hoox) >= 5) == (True, True)
    assert all(line.credits == (line.each.credits or 0) * said.count for line in shown)
