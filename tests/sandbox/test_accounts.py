"""Keys, accounts, balances and the past that a new account has."""

from uuid import uuid4

import pytest
import requests

from sandbox.server import Handle
from tests.sandbox.conftest import Api


def test_a_new_account_has_credits_and_a_past(api: Api) -> None:
    takes = api.get("/generations").json()["data"]

    assert api.balance == 12_480
    assert len(takes) == 12
    assert len({take["input"]["generated_video_inputs"]["text_prompt"] for take in takes}) == 12
    assert len({take["created_at"][:10] for take in takes}) >= 5
    assert sorted(take["status"] for take in takes) == ["complete"] * 10 + ["error"] * 2
    assert [take["created_at"] for take in takes] == sorted(
        (take["created_at"] for take in takes), reverse=True
    )


def test_the_past_is_in_the_ledger(api: Api) -> None:
    cost = {take["id"]: take["credit_cost"] for take in api.get("/generations").json()["data"]}
    charged = dict.fromkeys(cost, 0)
    for entry in api.entries:
        charged[entry["generation_id"]] += entry["credits"] * (1 if entry["kind"] == "charge" else -1)

    assert charged == cost
    assert api.get("/billing/credits").json()["used"] == sum(cost.values())


def test_failures_of_the_past_say_why(api: Api) -> None:
    failed = [take for take in api.get("/generations").json()["data"] if take["status"] == "error"]

    assert {bool(take["error"]) for take in failed} == {True, False}
    assert all(bool(take["error"]) != bool(take["error_message"]) for take in failed)


def test_each_key_is_an_account_of_its_own(shared: Handle, api: Api) -> None:
    other = Api(shared, f"sk_sandbox_{uuid4().hex}")
    mine = {take["id"] for take in api.get("/generations").json()["data"]}
    theirs = {take["id"] for take in other.get("/generations").json()["data"]}

    assert not mine & theirs
    assert other.get(f"/generations/{mine.pop()}/status").status_code == 404


@pytest.mark.parametrize("key", ["sk_hedra_123", "Sandbox", "sk_sandbox_", "sk_sandbox_a b", "sandbox2"])
def test_other_keys_are_refused(shared: Handle, key: str) -> None:
    answer = Api(shared, key).get("/models")

    assert answer.status_code == 401
    assert answer.json() == {"detail": "Invalid API key"}


def test_a_key_is_needed_everywhere(shared: Handle) -> None:
    for path in ("/models", "/voices", "/assets?type=image", "/generations", "/billing/credits"):
        assert requests.get(shared.api_url + path, timeout=5).status_code == 401
    assert requests.post(shared.api_url + "/generations", json={}, timeout=5).status_code == 401


def test_unknown_paths_and_methods(api: Api) -> None:
    assert api.get("/nothing").status_code == 404
    assert api.http.delete(api.sandbox.api_url + "/models", timeout=5).status_code == 405
