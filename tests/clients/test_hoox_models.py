"""What HooxClient makes of the list of models and of one model alone."""

from decimal import Decimal
from typing import Any

import pytest

from clients.answers import InputMode
from clients.errors import NotFound, Unavailable
from clients.hoox import HooxClient
from clients.hoox_answers import model_list
from tests.clients.conftest import HOOX_KEY
from tests.clients.server import ScriptedServer, json_answer, text_answer

KLING = {
    "name": "kling-pro",
    "label": "Kling 2.6 Pro",
    "tags": ["new"],
    "base_cost": 7.5,
    "has_audio": True,
    "required_plans": ["PRO", "ENTREPRISE"],
    "capabilities": {
        "max_images": 1,
        "min_images": 0,
        "supported_aspect_ratios": ["16:9", "9:16", "1:1"],
        "default_aspect_ratio": "9:16",
        "supported_durations": [5, 10],
        "default_duration": 5,
    },
    "a_field_of_next_year": {"x": 1},
}
BARE = {"name": "kling-v3-pro", "label": None, "type": "video", "provider": "kling", "capabilities": {}}
VEO = {
    "name": "veo-3.1",
    "label": "Veo 3.1",
    "type": "video",
    "provider": "google",
    "base_cost": 32,
    "has_audio": True,
    "capabilities": {"max_images": 1, "min_images": 0},
    "max_prompt_length": 2500,
    "restricted_countries": [],
    "settings": [
        {
            "key": "generateAudio",
            "type": "boolean",
            "label": "Generate audio",
            "default_value": True,
            "affects_cost": True,
        },
        {
            "key": "quality",
            "type": "select",
            "label": "Quality",
            "default_value": "medium",
            "options": ["low", "medium", "high"],
            "affects_cost": False,
        },
    ],
    "input_schema": {
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "references": {"type": "array", "minItems": 0, "maxItems": 1},
            "aspect_ratio": {"type": "string", "enum": ["16:9", "9:16"], "default": "9:16"},
            "resolution": {"type": "string", "enum": ["720p", "1080p", "4K"], "default": "720p"},
            "duration": {"type": "integer", "enum": [4, 6, 8], "default": 8},
        },
    },
}


def models(*rows: Any, **root: Any) -> Any:
    return json_answer({**root, "models": list(rows), "count": len(rows)})


def slots(modes: list[InputMode] | None) -> list[list[tuple[str, str, bool, int]]]:
    """Type, role, whether it must be given, and how many, by mode."""
    return [
        [(slot["type"], slot["role"], slot["required"], slot["max_count"]) for slot in mode["slots"]]
        for mode in modes or []
    ]


# --- The list ---------------------------------------------------------------------------------


def test_a_row_of_the_list(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(models(KLING, BARE, type="video", provider="kling"))

    answer = hoox.list_models(type="video", provider="kling")

    kling, bare = answer.models
    assert (answer.skipped, answer.raw_count) == (0, 2)
    assert (kling.key, kling.id, kling.name) == ("kling-pro", None, "Kling 2.6 Pro")
    assert (kling.base_cost, kling.has_audio, kling.tags) == (Decimal("7.5"), True, ["new"])
    assert kling.required_plans == ["PRO", "ENTREPRISE"]
    assert (kling.aspect_ratios, kling.default_aspect_ratio) == (["16:9", "9:16", "1:1"], "9:16")
    assert (kling.durations, kling.default_duration) == (["5", "10"], "5")
    assert (kling.resolutions, kling.settings, kling.max_prompt_length) == (None, None, None)
    assert kling.raw["a_field_of_next_year"] == {"x": 1}
    assert (bare.name, bare.base_cost, bare.has_audio) == ("Kling V3 Pro", None, None)
    assert (bare.aspect_ratios, bare.durations, bare.inputs, bare.required_plans) == (None, None, None, None)


def test_what_a_filter_hoists_is_put_back(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(models(KLING, type="video", provider="kling"))

    (kling,) = hoox.list_models(type="video", provider="kling").models

    assert (kling.type, kling.maker) == ("video", "kling")
    assert (kling.raw["type"], kling.raw["provider"]) == ("video", "kling")


def test_a_row_that_names_its_own_keeps_it(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(models({"name": "a", "type": "image", "provider": None}, type="video", provider="xai"))

    (model,) = hoox.list_models().models

    assert (model.type, model.maker) == ("image", "xai")


def test_filters_go_as_a_query_and_the_key_as_a_bearer(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(models(), models())

    hoox.list_models()
    hoox.list_models(type="image", provider="xai", tag="new")

    plain, filtered = server.seen
    assert (plain.method, plain.path, plain.query) == ("GET", "/api/public/v1/asset/models", {})
    assert filtered.query == {"type": ["image"], "provider": ["xai"], "tag": ["new"]}
    assert plain.headers["authorization"] == f"Bearer {HOOX_KEY}"
    assert [name for name, value in plain.headers.items() if HOOX_KEY in value] == ["authorization"]


@pytest.mark.parametrize("row", [None, 7, "text", [], {}, {"name": ""}, {"label": "nameless"}, {"name": []}])
def test_a_bad_row_costs_only_itself(server: ScriptedServer, hoox: HooxClient, row: Any) -> None:
    server.will(models(row, KLING))

    answer = hoox.list_models()

    assert [model.name for model in answer.models] == ["Kling 2.6 Pro"]
    assert (answer.skipped, answer.raw_count) == (1, 2)


def test_a_bad_field_costs_only_itself(server: ScriptedServer, hoox: HooxClient) -> None:
    wrong = {name: {"not": "this"} for name in VEO} | {"name": "a-b", "type": "video", "capabilities": []}
    server.will(models(wrong))

    (model,) = hoox.list_models().models

    assert (model.name, model.type, model.maker, model.base_cost) == ("A B", "video", None, None)
    assert (model.has_audio, model.settings, model.inputs, model.tags) == (None, None, None, None)


@pytest.mark.parametrize("body", ["[]", '{"models": {}}', '{"count": 3}', "null", "7", "", "<html>", "{"])
def test_a_catalog_that_is_no_list_is_an_error(server: ScriptedServer, hoox: HooxClient, body: str) -> None:
    server.will(text_answer(body))

    with pytest.raises(Unavailable, match="form that cannot be read"):
        hoox.list_models()


@pytest.mark.parametrize(
    ("cost", "credits"),
    [
        (34.05, "34.05"),
        (0.1, "0.1"),
        (40, "40"),
        (1000.0, "1000"),
        ("2.6", "2.6"),
        (0, "0"),
        (0.30000000000000004, "0.3"),
        (1e-9, None),
        (-1, None),
        (1e12, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("much", None),
        (None, None),
    ],
)
def test_a_base_cost_is_exact_or_unknown(
    server: ScriptedServer, hoox: HooxClient, cost: Any, credits: str | None
) -> None:
    server.will(models({**BARE, "base_cost": cost}))

    (model,) = hoox.list_models().models

    assert (None if model.base_cost is None else str(model.base_cost)) == credits


@pytest.mark.parametrize(
    ("capabilities", "durations"),
    [
        ({"supported_durations": [4, "6s", 8.0, "8", None, True, {}]}, ["4", "6s", "8"]),
        ({"durations": ["auto"]}, ["auto"]),
        ({"supportedDurations": [2.5]}, ["2.5"]),
        ({"supported_durations": []}, []),
        ({"supported_durations": "4,6"}, None),
        ({}, None),
    ],
)
def test_durations_in_any_form(
    server: ScriptedServer, hoox: HooxClient, capabilities: Any, durations: list[str] | None
) -> None:
    server.will(models({**BARE, "capabilities": capabilities}))

    (model,) = hoox.list_models().models

    assert model.durations == durations


@pytest.mark.parametrize("key", ["supported_resolutions", "resolutions", "supportedResolutions"])
def test_resolutions_under_any_plausible_key(server: ScriptedServer, hoox: HooxClient, key: str) -> None:
    server.will(models({**BARE, "capabilities": {key: ["720p", "4K"], "default_resolution": "720p"}}))

    (model,) = hoox.list_models().models

    assert (model.resolutions, model.default_resolution) == (["720p", "4K"], "720p")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"max_images": 4, "min_images": 0}, [[("image", "reference", False, 4)]]),
        ({"max_images": 2, "min_images": 2}, [[("image", "reference", True, 2)]]),
        ({"max_images": 3}, [[("image", "reference", False, 3)]]),
    ],
)
def test_counted_images_are_references(
    server: ScriptedServer, hoox: HooxClient, counts: Any, expected: Any
) -> None:
    server.will(models({**BARE, "capabilities": counts}))

    (model,) = hoox.list_models().models

    assert slots(model.inputs) == expected


def test_no_images_is_not_the_same_as_not_said(server: ScriptedServer, hoox: HooxClient) -> None:
    rows = [{**BARE, "capabilities": counts} for counts in ({"max_images": 0}, {"min_images": 1}, {})]
    server.will(models(*rows))

    assert [model.inputs for model in hoox.list_models().models] == [[], None, None]


# --- One model --------------------------------------------------------------------------------


def test_a_model_alone_says_more(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer(VEO))

    veo = hoox.model("veo-3.1")

    assert (server.seen[0].method, server.seen[0].path) == ("GET", "/api/public/v1/asset/models/veo-3.1")
    assert (veo.key, veo.maker, veo.max_prompt_length, veo.base_cost) == ("veo-3.1", "google", 2500, 32)
    assert (veo.aspect_ratios, veo.default_aspect_ratio) == (["16:9", "9:16"], "9:16")
    assert (veo.resolutions, veo.default_resolution) == (["720p", "1080p", "4K"], "720p")
    assert (veo.durations, veo.default_duration) == (["4", "6", "8"], "8")
    assert slots(veo.inputs) == [[("image", "reference", False, 1)]]
    assert veo.settings == [
        {
            "key": "generateAudio",
            "type": "boolean",
            "label": "Generate audio",
            "default": True,
            "options": [],
            "affects_cost": True,
        },
        {
            "key": "quality",
            "type": "select",
            "label": "Quality",
            "default": "medium",
            "options": ["low", "medium", "high"],
            "affects_cost": False,
        },
    ]


@pytest.mark.parametrize(
    ("required", "names", "expected"),
    [
        (
            ["prompt", "first_frame", "last_frame"],
            ["first_frame", "last_frame"],
            [[("image", "start_frame", True, 1), ("image", "end_frame", True, 1)]],
        ),
        (
            ["prompt"],
            ["start_image", "end_image"],
            [[("image", "start_frame", False, 1), ("image", "end_frame", False, 1)]],
        ),
        (
            ["start_image", "motion_video"],
            ["start_image", "motion_video"],
            [[("image", "start_frame", True, 1), ("video", "input_video", True, 1)]],
        ),
        (["source_video"], ["source_video"], [[("video", "input_video", True, 1)]]),
        (["prompt"], [], []),
    ],
)
@pytest.mark.parametrize("nested", [True, False])
def test_named_inputs_have_roles(
    server: ScriptedServer,
    hoox: HooxClient,
    required: list[str],
    names: list[str],
    expected: Any,
    nested: bool,
) -> None:
    inputs = {name: {"type": "object"} for name in ("prompt", *names)}
    schema = {"required": required, **({"properties": inputs} if nested else inputs)}
    server.will(
        json_answer({**VEO, "capabilities": {"max_images": 2, "min_images": 2}, "input_schema": schema})
    )

    model = hoox.model("veo-3.1")

    assert slots(model.inputs) == expected
    assert model.inputs is not None


def test_each_input_keeps_the_name_that_an_order_fills(server: ScriptedServer, hoox: HooxClient) -> None:
    names = ("first_frame", "end_image", "motion_video", "references", "sketch")
    schema = {"required": ["sketch"], "properties": {name: {"type": "object"} for name in names}}
    server.will(json_answer({**VEO, "input_schema": schema}))

    found = [slot.get("name") for mode in hoox.model("veo-3.1").inputs or [] for slot in mode["slots"]]

    assert sorted(map(str, found)) == sorted(names)


@pytest.mark.parametrize(
    ("references", "required", "expected"),
    [
        ({"minItems": 1, "maxItems": 12}, [], [[("image", "reference", True, 12)]]),
        ({"maxItems": 4}, ["references"], [[("image", "reference", True, 4)]]),
        ({}, [], [[("image", "reference", False, 7)]]),
        ({"maxItems": 0}, [], []),
        ("odd", [], []),
    ],
)
def test_references_have_a_range(
    server: ScriptedServer, hoox: HooxClient, references: Any, required: list[str], expected: Any
) -> None:
    schema = {"required": required, "properties": {"references": references}}
    server.will(json_answer({**VEO, "capabilities": {"max_images": 7}, "input_schema": schema}))

    assert slots(hoox.model("veo-3.1").inputs) == expected


def test_references_and_named_inputs_exclude_each_other(server: ScriptedServer, hoox: HooxClient) -> None:
    schema = {"properties": {"references": {"maxItems": 2}, "start_image": {}}}
    server.will(json_answer({**VEO, "input_schema": schema}))

    modes = hoox.model("veo-3.1").inputs

    assert slots(modes) == [[("image", "reference", False, 2)], [("image", "start_frame", False, 1)]]


def test_the_schema_goes_before_the_capabilities(server: ScriptedServer, hoox: HooxClient) -> None:
    capabilities = {"supported_durations": [5], "default_duration": 5}
    schema = {"properties": {"duration": {"enum": [4, 6], "default": 6}}}
    server.will(json_answer({**VEO, "capabilities": capabilities, "input_schema": schema}))

    model = hoox.model("veo-3.1")

    assert (model.durations, model.default_duration) == (["4", "6"], "6")


@pytest.mark.parametrize("enum", [[], [None], "odd", None])
def test_a_schema_without_choices_leaves_them_to_the_capabilities(
    server: ScriptedServer, hoox: HooxClient, enum: Any
) -> None:
    schema = {"properties": {"aspect_ratio": {"enum": enum, "default": None}}}
    capabilities = {"supported_aspect_ratios": ["1:1"], "default_aspect_ratio": "1:1"}
    server.will(json_answer({**VEO, "capabilities": capabilities, "input_schema": schema}))

    model = hoox.model("veo-3.1")

    assert (model.aspect_ratios, model.default_aspect_ratio) == (["1:1"], "1:1")


def test_settings_that_cannot_be_asked_for_are_left_out(server: ScriptedServer, hoox: HooxClient) -> None:
    kept = {"key": "a", "type": "boolean", "label": None, "default_value": "odd", "options": "odd"}
    odd = [kept, {"key": "b", "type": "slider"}, {"type": "boolean"}, None, {"key": [], "type": "select"}]
    server.will(json_answer({**VEO, "settings": odd}))

    (setting,) = hoox.model("veo-3.1").settings or []

    assert (setting["label"], setting["default"], setting["options"]) == ("a", None, [])
    assert setting["affects_cost"], "what may change the price must be priced"


@pytest.mark.parametrize("body", [{}, [], None, {"label": "nameless"}])
def test_a_model_without_a_name_is_an_error(server: ScriptedServer, hoox: HooxClient, body: Any) -> None:
    server.will(json_answer(body))

    with pytest.raises(Unavailable, match="could not read the model"):
        hoox.model("veo-3.1")


def test_an_unknown_model(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"error": "Model not found", "code": "invalid_value"}, 404))

    with pytest.raises(NotFound, match="does not know"):
        hoox.model("gone")


def test_a_name_stays_within_its_path(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer(VEO | {"name": "../asset/start?x=1"}))

    hoox.model("../asset/start?x=1")

    assert server.seen[0].path == "/api/public/v1/asset/models/..%2Fasset%2Fstart%3Fx%3D1"
    for name in ("", ".", ".."):
        with pytest.raises(ValueError, match="not an id"):
            hoox.model(name)


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_no_address_could_hold_costs_only_its_row(name: str) -> None:
    found = model_list({"models": [{"name": name}, {"name": "good"}]})

    assert ([model.slug for model in found.models], found.skipped) == (["good"], 1)


def test_an_input_that_nobody_told_us_of_is_still_required() -> None:
    schema = {"required": ["prompt", "mask"], "properties": {"prompt": {}, "mask": {"type": "object"}}}
    [found] = model_list({"models": [{"name": "painter", "input_schema": schema}]}).models

    assert found.inputs is not None
    assert [(slot["role"], slot["required"]) for mode in found.inputs for slot in mode["slots"]] == [
        ("mask", True)
    ]


def test_the_fewest_references_are_told() -> None:
    schema = {"required": ["prompt"], "references": {"minItems": 3, "maxItems": 5}}
    [found] = model_list({"models": [{"name": "a", "input_schema": schema}]}).models

    assert found.inputs is not None
    [slot] = found.inputs[0]["slots"]
    assert (slot["required"], slot["min_count"], slot["max_count"]) == (True, 3, 5)
