"""Keys, the rate limit, and errors that no endpoint makes."""

import time
from uuid import uuid4

import pytest
import requests

from sandbox.hoox.errors import HooxError
from sandbox.hoox.limit import RateLimit
from tests.sandbox.conftest import Api
from tests.sandbox.hoox.conftest import HooxApi, exact


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer hx_live_1", "Basic sandbox", "sandbox"])
def test_a_wrong_key_is_refused(hoox: HooxApi, header: str) -> None:
    answer = requests.get(
        hoox.sandbox.hoox_url + "/asset/models", headers={"Authorization": header}, timeout=5
    )

    assert exact(answer, 401)["code"] == "invalid_api_key"
    assert isinstance(answer.json()["error"], str)


def test_hedras_header_opens_nothing_here(hoox: HooxApi) -> None:
    url = hoox.sandbox.hoox_url + "/asset/models"

    assert requests.get(url, headers={"X-API-Key": "sandbox"}, timeout=5).status_code == 401


def test_the_same_key_is_another_account_at_each_service(own_hoox: HooxApi) -> None:
    hedra = Api(own_hoox.sandbox, "sandbox")
    own_hoox.sandbox.settings(balance=7.25, service="hoox")

    assert str(own_hoox.ledger["balance"]) == "7.25"
    assert own_hoox.ledger["account"] != own_hoox.sandbox.ledger()["account"]
    assert hedra.balance == 12_480


def test_every_key_is_an_account_of_its_own(hoox: HooxApi) -> None:
    other = f"hx_sandbox_{uuid4().hex}"
    hoox.sandbox.settings(key=other, service="hoox", balance=1)

    assert (hoox.ledger["balance"], hoox.sandbox.ledger(other, "hoox")["balance"]) == (1000, 1)


@pytest.mark.parametrize("balance", [0.001, "7", True, float("inf"), float("nan")])
def test_a_balance_finer_than_the_ledger_is_refused(hoox: HooxApi, balance: object) -> None:
    with pytest.raises(ValueError, match=r"finer|number"):
        hoox.sandbox.settings(key=hoox.key, service="hoox", balance=balance)


def test_answers_tell_how_many_requests_are_left(own_hoox: HooxApi) -> None:
    first, second = own_hoox.get("/asset/models").headers, own_hoox.get("/asset/models/no").headers

    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("100", "99")
    assert second["X-RateLimit-Remaining"] == "98"
    assert first["X-RateLimit-Reset"] == second["X-RateLimit-Reset"]
    assert 0 < int(first["X-RateLimit-Reset"]) - time.time() <= 61


def test_one_request_too_many_is_refused(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.settings(hoox_rate_limit=2)
    answers = [own_hoox.post("/asset/pricing", {"model": "veo-3.1"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate_limit_exceeded"
    assert answers[2].headers["X-RateLimit-Remaining"] == "0"


def test_accounts_do_not_share_the_limit(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.settings(hoox_rate_limit=1)
    other = HooxApi(own_hoox.sandbox, "hx_sandbox_other")

    assert [api.get("/asset/models").status_code for api in (own_hoox, other, own_hoox)] == [200, 200, 429]


def test_the_limit_begins_again_after_a_minute(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.settings(hoox_rate_limit=1)
    moments = iter([1000.0, 1059.9, 1060.0])
    limit = RateLimit(own_hoox.sandbox.app.settings, lambda: next(moments))

    assert limit.count("a")["X-RateLimit-Reset"] == "1060"
    with pytest.raises(HooxError):
        limit.count("a")
    assert limit.count("a")["X-RateLimit-Reset"] == "1120"


@pytest.mark.parametrize("limit", [0, -1, 1.5, "9", True])
def test_a_limit_that_makes_no_sense_is_refused(own_hoox: HooxApi, limit: object) -> None:
    with pytest.raises(ValueError, match="hoox_rate_limit"):
        own_hoox.sandbox.settings(hoox_rate_limit=limit)


def test_an_unknown_path_or_method_answers_in_the_services_form(hoox: HooxApi) -> None:
    assert exact(hoox.get("/asset"), 404)["code"] == "not_found"
    assert exact(hoox.post("/asset/models"), 405)["code"] == "method_not_allowed"


def test_a_fault_answers_in_the_services_form(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.fault("answer", status=503, match={"path": "/asset/pricing"})
    own_hoox.sandbox.fault("answer", status=429, retry_after=3, match={"path": "/asset/pricing"})
    first, second = (own_hoox.post("/asset/pricing", {"model": "veo-3.1"}) for _ in range(2))

    assert (first.status_code, first.json()["code"]) == (503, "service_unavailable")
    assert (second.json()["code"], second.headers["Retry-After"]) == ("rate_limit_exceeded", "3")


def test_a_fault_can_be_for_one_service_alone(own_hoox: HooxApi) -> None:
    hedra = Api(own_hoox.sandbox, "sandbox")
    own_hoox.sandbox.fault("answer", status=500, service="hoox")

    assert hedra.get("/models").status_code == 200
    assert exact(own_hoox.get("/asset/models"), 500)["error"] == "Sandbox fault 500"
    with pytest.raises(ValueError, match="unknown service"):
        own_hoox.sandbox.fault("answer", service="other")


def test_control_names_the_service(own_hoox: HooxApi) -> None:
    url = own_hoox.sandbox.url + "/sandbox/ledger"

    assert requests.get(url, params={"service": "hoox"}, timeout=5).json()["balance"] == 1000
    assert requests.get(url, params={"service": "other"}, timeout=5).status_code == 400
