"""Thousands of malformed answers to the calls of a take: the client reads them or raises one of
its own errors, and never takes a paid order for refused that may have been accepted."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import requests

from clients.answers import CreatedAsset
from clients.errors import ServiceError
from clients.hedra import HedraClient
from sandbox.server import Handle
from tests.clients.server import ScriptedServer, text_answer
from tests.factories import png
from tests.fuzzing import AGAIN, COUNT, SEED, THROUGH_TAKES, bent

ANSWERS = COUNT - THROUGH_TAKES
ID = "6a6f1c9e-0000-4000-8000-000000000000"
CREATED = CreatedAsset(ID)
CALLS: dict[str, Callable[[HedraClient], Any]] = {
    "submit": lambda client: client.submit({"type": "image"}),
    "list": lambda client: client.list_generations(ids=[ID]),
    "status": lambda client: client.status(ID),
    "credits": lambda client: client.credits(),
    "assets": lambda client: client.list_assets("image", ids=[ID]),
    "create asset": lambda client: client.create_asset("fox.png", "image", ID),
    "upload": lambda client: client.upload_asset(CREATED, io.BytesIO(b"fox"), "fox.png", "image/png"),
    "models": lambda client: client.list_models(),
    "voices": lambda client: client.list_voices(),
}


@pytest.fixture(scope="module")
def true_answers(sandbox: Handle) -> dict[str, Any]:
    """What the service's stand-in says to each call."""
    wire = requests.Session()
    wire.headers["X-API-Key"] = f"sk_sandbox_{uuid4().hex}"

    def ask(path: str, method: str = "GET", **options: Any) -> Any:
        answer = wire.request(method, sandbox.api_url + path, **options)
        answer.raise_for_status()
        return answer.json()

    models = ask("/models")
    flux = next(model for model in models if model["name"] == "Flux Dev T2I")
    order = {"type": "image", "text_prompt": "A fox", "ai_model_id": flux["id"], "resolution": "540p"}
    created = ask("/assets", "POST", json={"name": "fox.png", "type": "image"})
    upload = ask(f"/assets/{created['id']}/upload", "POST", files={"file": ("f.png", png(), "image/png")})
    submitted = ask("/generations", "POST", json={**order, "aspect_ratio": "1:1"})
    past = ask("/generations", params={"limit": 5})
    return {
        "submit": submitted,
        "list": {**past, "data": past["data"][:5]},
        "status": ask(f"/generations/{submitted['id']}/status"),
        "credits": ask("/billing/credits"),
        "assets": ask("/assets", params={"type": "image"}),
        "create asset": created,
        "upload": upload,
        "models": models[:3],
        "voices": ask("/voices")[:3],
    }


def outcome(call: Callable[[HedraClient], Any], client: HedraClient) -> ServiceError | None:
    """The error of ours that it ends with; any other is a bug."""
    try:
        call(client)
    except ServiceError as error:
        return error
    return None


def is_unsure(error: ServiceError | None, status: int) -> bool:
    """Whether a paid order counts as refused only where the service has said so, by a 4xx or by a code."""
    refused = error and not error.may_have_acted
    return not refused or 300 <= status < 500 or bool(getattr(error, "code", ""))


def test_malformed_answers_are_read_or_refused_in_our_own_words(
    true_answers: dict[str, Any], server: ScriptedServer
) -> None:
    dice, outcomes = random.Random(SEED), Counter[str]()
    client = HedraClient(server.url, "sk_test", retries=0)
    for number in range(ANSWERS):
        name = list(CALLS)[number % len(CALLS)]
        answer = bent(true_answers[name], dice)
        server.will(text_answer(answer.text, answer.status, "application/json"))
        try:
            error = outcome(CALLS[name], client)
        except Exception as bug:
            pytest.fail(f"{AGAIN}: answer {number} to {name} raised {bug!r}: {answer!r:.2000}")
        assert name != "submit" or is_unsure(error, answer.status), (
            f"{AGAIN}: {number}, {error!r}, {answer!r}"
        )
        outcomes[type(error).__name__ if error else "read"] += 1
    assert len(server.seen) == ANSWERS
    print(f"{ANSWERS} malformed answers to the client: {dict(outcomes)}; {AGAIN}")  # noqa: T201 - for make fuzz
