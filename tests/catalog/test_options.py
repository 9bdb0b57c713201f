"""A model's own settings: chosen as text, sent in their own type."""

from typing import Any

import pytest

from catalog.options import costly, typed

pytestmark = pytest.mark.any_database

SETTINGS: list[dict[str, Any]] = [
    {"key": "generateAudio", "type": "boolean", "options": [], "affects_cost": True},
    {"key": "quality", "type": "select", "options": ["low", "high"], "affects_cost": True},
    {"key": "camera_fixed", "type": "boolean", "options": None, "affects_cost": False},
]


@pytest.mark.parametrize(
    ("chosen", "sent"),
    [
        ({"generateAudio": "false", "quality": "high"}, {"generateAudio": False, "quality": "high"}),
        ({"generateAudio": "on", "camera_fixed": True}, {"generateAudio": True, "camera_fixed": True}),
        ({"generateAudio": "perhaps", "quality": "ultra", "colour": "red"}, {}),
        ({}, {}),
    ],
)
def test_each_setting_has_its_own_type(chosen: dict[str, object], sent: dict[str, Any]) -> None:
    assert typed(SETTINGS, chosen) == sent


@pytest.mark.parametrize("said", [None, [], "odd", [None, {"key": 1}]])
def test_a_model_without_settings_takes_none(said: object) -> None:
    assert typed(said, {"generateAudio": "true"}) == {}
    assert costly(said) == set()


def test_what_may_cost_is_told_apart() -> None:
    assert costly(SETTINGS) == {"generateAudio", "quality"}
