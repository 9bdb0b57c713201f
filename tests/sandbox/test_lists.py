"""``GET /generations``: filters, and the trap in its paging."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.sandbox.conftest import Api, video


def found(api: Api, **query: Any) -> list[str]:
    answer = api.get("/generations", **query)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


def test_ids_are_a_comma_list_and_unknown_ones_are_passed_over(api: Api) -> None:
    everything = found(api)
    two = everything[3:5]

    assert found(api, ids=",".join(two)) == two
    assert found(api, ids=f"{two[0]},{uuid4()},nonsense") == two[:1]
    assert found(api, ids=str(uuid4())) == []
    assert found(api, ids=[two[0], two[1]]) == two[1:]  # a repeated key keeps its last value


def test_time_filters_exclude_their_bound(api: Api) -> None:
    rows = api.get("/generations").json()["data"]
    middle = rows[5]["created_at"]

    assert found(api, created_before=middle) == [row["id"] for row in rows[6:]]
    assert found(api, created_after=middle) == [row["id"] for row in rows[:5]]
    local = datetime.fromisoformat(middle).isoformat()
    assert found(api, created_before=local) == [row["id"] for row in rows[6:]]


def test_prompts_are_searched_without_case(api: Api) -> None:
    assert len(found(api, prompt_query="HARBOUR")) == 1
    assert found(api, prompt_query="zebra") == []


def test_types_of_assets_and_of_generations(api: Api) -> None:
    assert len(found(api, type="video")) == 12
    assert found(api, type="audio") == found(api, type="text_to_speech") == []


def test_threads(api: Api) -> None:
    thread = str(uuid4())
    made = api.generate(video(agent_thread_id=thread))["id"]

    assert found(api, agent_thread_id=thread) == [made]


@pytest.mark.parametrize(
    "query",
    [{"type": "film"}, {"created_before": "yesterday"}, {"agent_thread_id": "x"}, {"paging_params": "{}"}],
)
def test_bad_filters(api: Api, query: dict[str, str]) -> None:
    (name,) = query
    answer = api.get("/generations", **query)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", name]


def test_flat_paging_is_ignored_silently(api: Api) -> None:
    answer = api.get("/generations", limit=2, offset=4).json()

    assert answer["page_info"] == {"limit": 100, "offset": 0}
    assert len(answer["data"]) == 12


def test_flat_paging_works_once_switched_on(own: Api) -> None:
    own.sandbox.settings(paging="flat")
    everything = found(own)
    answer = own.get("/generations", limit=2, offset=4).json()

    assert answer["page_info"] == {"limit": 2, "offset": 4}
    assert [row["id"] for row in answer["data"]] == everything[4:6]
    assert own.get("/generations", limit="x").status_code == 422


def test_the_whole_past_can_be_walked(own: Api) -> None:
    own.sandbox.settings(paging="flat")
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 5}
    while rows := own.get("/generations", **query).json()["data"]:
        seen += [row["id"] for row in rows]
        query["created_before"] = rows[-1]["created_at"]

    assert seen == found(own, limit=100)
