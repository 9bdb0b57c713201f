"""The control endpoint, as a test in another process uses it."""

import pytest
import requests

from sandbox.control import Control
from sandbox.wire import Body, HttpError, Request
from tests.sandbox.conftest import Api, video


def test_ready(own: Api) -> None:
    answer = requests.get(own.sandbox.url + "/sandbox/ready", timeout=5).json()

    assert answer["ready"] is True
    assert answer["speed"] == 10_000


def test_ledger_and_requests(own: Api) -> None:
    made = own.generate(video())
    ledger = requests.get(own.sandbox.url + "/sandbox/ledger", params={"key": "sandbox"}, timeout=5).json()
    orders = requests.get(own.sandbox.url + "/sandbox/requests", timeout=5).json()

    assert ledger["balance"] == 12_480 - 18
    assert ledger["entries"][-1]["generation_id"] == made["id"]
    assert orders[0]["body"] == video()


def test_faults(own: Api) -> None:
    url = own.sandbox.url + "/sandbox/faults"
    fault = {"kind": "answer", "status": 503, "match": {"method": "GET", "path": "/models"}}

    assert requests.post(url, json=fault, timeout=5).json()["times"] == 1
    assert [waiting["status"] for waiting in requests.get(url, timeout=5).json()] == [503]
    assert own.get("/models").status_code == 503
    requests.post(url, json=fault, timeout=5)
    requests.delete(url, timeout=5)
    assert own.get("/models").status_code == 200


@pytest.mark.parametrize("fault", [{}, {"kind": "flood"}, {"kind": "cut", "color": 1}, []])
def test_bad_faults(own: Api, fault: object) -> None:
    assert requests.post(own.sandbox.url + "/sandbox/faults", json=fault, timeout=5).status_code == 400


def test_settings(own: Api) -> None:
    url = own.sandbox.url + "/sandbox/settings"
    answer = requests.post(url, json={"paging": "flat", "speed": 3, "balance": 7}, timeout=5).json()

    assert (answer["paging"], answer["speed"], own.balance) == ("flat", 3, 7)


@pytest.mark.parametrize(
    "values",
    [
        {"paging": "x"},
        {"colour": 1},
        {"speed": 0},
        {"balance": "x"},
        {"link_ttl_s": "x"},
        {"key": "x", "balance": 1},
    ],
)
def test_bad_settings(own: Api, values: dict[str, object]) -> None:
    url = own.sandbox.url + "/sandbox/settings"
    before = requests.get(url, timeout=5).json()

    assert requests.post(url, json=values, timeout=5).status_code == 400
    assert requests.get(url, timeout=5).json() == before


def test_it_answers_this_machine_only(own: Api) -> None:
    from email.message import Message
    from io import BytesIO

    control: Control = own.sandbox.app.control
    request = Request("GET", "/sandbox/ready", {}, Message(), Body(BytesIO(), 0), "192.0.2.7", "http://x")

    with pytest.raises(HttpError):
        control.handle(request)
