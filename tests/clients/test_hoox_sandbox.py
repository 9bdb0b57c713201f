"""HooxClient against the stand-in for the service, with all of the 40 real models."""

from uuid import uuid4

import pytest

from clients.errors import Invalid, NotFound, RateLimited, Unauthorized
from clients.hoox import HooxClient
from sandbox.server import Handle
from tests.clients.test_hoox_budget import Purse

LIMIT = 100


@pytest.fixture
def purse() -> Purse:
    return Purse(LIMIT + 1)


@pytest.fixture
def hoox(sandbox: Handle, purse: Purse) -> HooxClient:
    """With an account of its own."""
    return HooxClient(sandbox.hoox_url, f"hx_sandbox_{uuid4().hex}", gate=purse)


def test_every_model_is_read_whole(hoox: HooxClient) -> None:
    answer = hoox.list_models()

    assert (len(answer.models), answer.skipped) == (40, 0)
    for model in answer.models:
        assert model.type in ("image", "video")
        assert model.maker
        assert model.base_cost
        assert model.inputs is not None
        assert not model.durations or model.default_duration in model.durations
        assert not model.resolutions or model.default_resolution in model.resolutions


def test_a_filter_only_leaves_rows_out(hoox: HooxClient) -> None:
    everything = hoox.list_models().models

    for type, maker in (("video", None), (None, "google"), ("image", "bytedance")):
        found = hoox.list_models(type=type, provider=maker).models
        assert found == [
            model for model in everything if type in (None, model.type) and maker in (None, model.maker)
        ]
        assert found
    assert {model.key for model in hoox.list_models(tag="new").models} == {
        model.key for model in everything if "new" in (model.tags or [])
    }


def test_asked_alone_a_model_contradicts_its_row_in_nothing_but_inputs(hoox: HooxClient) -> None:
    rows = {model.key: model for model in hoox.list_models().models}

    for key, row in rows.items():
        model = hoox.model(key)
        for fact in ("name", "type", "maker", "base_cost", "has_audio", "tags", "default_resolution"):
            assert getattr(model, fact) == getattr(row, fact), (key, fact)
        for choices in ("aspect_ratios", "resolutions", "durations"):
            assert getattr(model, choices) == getattr(row, choices), (key, choices)
        assert model.settings is not None
        assert model.max_prompt_length


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("veo-3.1", {("reference", False)}),
        ("veo-3.1-flf", {("start_frame", True), ("end_frame", True)}),
        ("kling-pro", {("start_frame", False), ("end_frame", False)}),
        ("kling-v3-motion-pro", {("start_frame", True), ("input_video", True)}),
        ("grok-imagine-video-edit", {("input_video", True)}),
        ("kling-standard", {("reference", True)}),
    ],
)
def test_what_a_model_needs(hoox: HooxClient, name: str, roles: set[tuple[str, bool]]) -> None:
    (mode,) = hoox.model(name).inputs or []

    assert {(slot["role"], slot["required"]) for slot in mode["slots"]} == roles


def test_the_default_shot_costs_the_base_cost(hoox: HooxClient) -> None:
    for model in hoox.list_models().models:
        price = hoox.price(model.key, count=2)

        assert price.cost_per_generation == model.base_cost, model.key
        assert (price.total, price.count) == (2 * price.cost_per_generation, 2)
        assert (price.duration_ms, price.normalized) == (None, {})


def test_what_a_model_lacks_is_priced_as_what_it_has(hoox: HooxClient) -> None:
    asked = {"resolution": "8K", "settings": {"generateAudio": "loud"}}

    price = hoox.price("veo-3.1", duration_ms=5000, **asked)
    plain = hoox.price("veo-3.1", duration_ms=price.duration_ms)

    assert price.normalized == {"duration": "4 s", "resolution": "720p", "generateAudio": "on"}
    assert price.duration_ms == 4000
    assert plain.cost_per_generation == price.cost_per_generation
    assert (plain.duration_ms, plain.normalized) == (None, {})


def test_refusals(hoox: HooxClient, sandbox: Handle) -> None:
    with pytest.raises(NotFound):
        hoox.model("no-such-model")
    with pytest.raises(Invalid) as refused:
        hoox.price("veo-3.1", count=99)
    assert "generation_count" in refused.value.said
    with pytest.raises(Unauthorized, match="HOOX_API_KEY"):
        HooxClient(sandbox.hoox_url, "hx_live_" + "0" * 64).list_models()


def test_too_many_calls_make_everybody_wait_for_the_next_minute(
    hoox: HooxClient, purse: Purse, sandbox: Handle
) -> None:
    sandbox.settings(hoox_rate_limit=3)

    def price_often() -> None:
        for _ in range(8):  # a minute of the service's may end in between
            hoox.price("veo-3.1")

    with pytest.raises(RateLimited) as caught:
        price_often()

    assert purse.pauses == [caught.value.retry_after]
    assert 0 < (purse.pauses[0] or 0) <= 61
