"""The price in the catalog is the price that is taken: every model of video, really submitted."""

from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from catalog.models import Account, AIModel
from catalog.prices.quoting import Shot
from clients.hedra import HedraClient
from tests.factories import mp4, png, wav
from tests.sandboxed import Studio

pytestmark = pytest.mark.any_database

FILES = {
    "start_frame": ("start_keyframe_id", "image", "frame.png", png(640, 360)),
    "audio_input": ("audio_id", "audio", "speech.wav", wav(2.345)),
    "input_video": ("video_id", "video", "clip.mp4", mp4(3.5, 640, 360)),
}


@pytest.fixture
def hedra(studio: Studio) -> HedraClient:
    """The sandbox's account, rich, and with nothing really rendered: the charge comes before."""
    studio.sandbox.fault("stuck", times=0)
    studio.sandbox.settings(key=studio.key, balance=10_000_000)
    return Account.objects.current().client()


@pytest.fixture
def inputs(hedra: HedraClient) -> dict[str, str]:
    """An uploaded file for each role: its field in a request and its id."""
    return {role: upload(hedra, *file[1:]) for role, file in FILES.items()}


def upload(hedra: HedraClient, kind: str, name: str, content: bytes) -> str:
    created = hedra.create_asset(name, kind)
    hedra.upload_asset(created, BytesIO(content), name, "application/octet-stream")
    return created.id


def is_video(model: AIModel) -> bool:
    """Whether `request` can ask for it: a video from a prompt, frames, audio or a clip to go on with."""
    return model.request_type == "video" and model.required_roles <= FILES.keys()


def shots(model: AIModel) -> Iterator[Shot]:
    """Each length in each resolution; where an input gives the length, that one."""
    given_ms = {"audio": 2345, "video": 3500}.get(model.length_source)
    for resolution in model.resolutions or [""]:
        for length_ms in [given_ms] if given_ms else model.duration_choices_ms:
            yield Shot(length_ms, resolution, model.ratios[-1])


def request(model: AIModel, shot: Shot, inputs: dict[str, str]) -> dict[str, Any]:
    nested = {
        "text_prompt": "A quiet harbour at dawn",
        "resolution": shot.resolution,
        "aspect_ratio": shot.aspect_ratio,
        "duration_ms": None if model.length_source else shot.duration_ms,
        "character_orientation": "video" if model.requires_character_orientation else None,
    }
    files = {FILES[role][0]: inputs[role] for role in model.required_roles}
    chosen = {name: value for name, value in nested.items() if value}
    return {"type": "video", **model.payload_key(), **files, "generated_video_inputs": chosen}


def charges(studio: Studio) -> dict[str, int]:
    """What the sandbox's ledger holds for each generation."""
    return {
        entry["generation_id"]: entry["credits"] for entry in studio.sandbox.ledger(studio.key)["entries"]
    }


@pytest.mark.slow
def test_every_models_price_is_what_the_sandbox_charges(
    studio: Studio, hedra: HedraClient, inputs: dict[str, str]
) -> None:
    quoted: dict[str, tuple[str, Decimal | None]] = {}
    for model in filter(is_video, AIModel.objects.current()):
        for shot in shots(model):
            made = hedra.submit(request(model, shot, inputs))
            quote = model.price(shot)
            quoted[str(made.generation_id)] = (f"{model.name}: {quote.arithmetic}", quote.credits)

    charged = {
        entry["generation_id"]: entry["credits"] for entry in studio.sandbox.ledger(studio.key)["entries"]
    }
    wrong = {text: charged[id] for id, (text, credits) in quoted.items() if charged[id] != credits}
    assert wrong == {}
    assert len(quoted) > 250


def test_the_figure_on_the_page_is_what_the_same_shot_costs(
    studio: Studio, hedra: HedraClient, inputs: dict[str, str], client: Client
) -> None:
    page = client.get("/catalog/?ratio=9:16&needs=text&seconds=8&sort=price").context["filters"]
    line = page.lines[0]
    model, shot = line.model, line.fit.shot
    assert shot.aspect_ratio == "9:16"

    made = hedra.submit(request(model, shot, inputs))

    charged = {
        entry["generation_id"]: entry["credits"] for entry in studio.sandbox.ledger(studio.key)["entries"]
    }
    assert line.credits == charged[str(made.generation_id)]
