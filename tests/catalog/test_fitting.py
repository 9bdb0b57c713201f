"""A shot held against a model: what it would make, and the reasons why it can't."""

from typing import Any

import pytest

from catalog.models import Account, AIModel
from catalog.pages.fitting import CANNOT, FITS, UNSURE, Fit, fit
from catalog.pages.wishes import Wish
from tests.catalog.factories import rate

pytestmark = pytest.mark.any_database

USUAL: dict[str, Any] = {
    "type": "video",
    "pricing": rate(7),
    "aspect_ratios": ["16:9", "1:1"],
    "resolutions": ["720p", "4k"],
    "durations": ["4", "6", "8"],
}
START = {"requires_start_frame": True}
AUDIO = {**START, "requires_audio_input": True, "durations": None, "max_duration_ms": 60_000}
VIDEO = {"requires_input_video": True, "durations": None}


def fitted(wish: Wish, service: str = "hedra", **fields: Any) -> Fit:
    return fit(AIModel(account=Account(service=service), **USUAL | fields), wish)


def test_a_shot_that_the_model_makes_fits() -> None:
    found = fitted(Wish(6000, "720p", "16:9"))

    assert (found.rank, found.notes, found.quote.figure) == (FITS, (), "42")


def test_a_length_in_between_is_priced_at_the_next_one_and_says_so() -> None:
    found = fitted(Wish(5000))

    assert (found.shot.duration_ms, found.notes, found.quote.figure) == (6000, ("priced at 6 s",), "42")


@pytest.mark.parametrize(
    ("wish", "fields", "reasons"),
    [
        (Wish(10_000), {}, ("longest 8 s",)),
        (Wish(aspect_ratio="9:16"), {}, ("no 9:16",)),
        (Wish(resolution="1080p"), {}, ("no 1080p",)),
        (Wish(audio=True), {"has_audio": False}, ("no sound",)),
        (Wish(have=("text",)), START, ("needs start frame",)),
        (Wish(have=("text",)), AUDIO, ("needs start frame + audio",)),
        (Wish(have=("start_frame",)), AUDIO, ("needs audio",)),
        (Wish(have=("end_frame",)), {}, ("takes no end frame",)),
        (Wish(), VIDEO, ("makes video to video",)),
        (Wish(), {"type": "image"}, ("makes an image",)),
        (Wish(10_000, "8K", "9:16"), {}, ("longest 8 s", "no 8K", "no 9:16")),
    ],
)
def test_what_cannot_be_made_says_why(wish: Wish, fields: dict[str, Any], reasons: tuple[str, ...]) -> None:
    found = fitted(wish, **fields)

    assert (found.rank, found.reasons) == (CANNOT, reasons)


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        (Wish(resolution="4K"), {}),
        (Wish(aspect_ratio="9:16"), {"aspect_ratio_range": [0.4, 2.5]}),
        (Wish(audio=True), {"has_audio": True}),
        (Wish(audio=True), AUDIO),
        (Wish(audio=False), {"has_audio": False}),
        (Wish(have=("text",)), {}),
        (Wish(have=("start_frame", "audio_input")), AUDIO),
        (Wish(have=("input_video",)), {**VIDEO, "max_duration_ms": 10_000}),
    ],
)
def test_what_can_be_made_fits(wish: Wish, fields: dict[str, Any]) -> None:
    assert (fitted(wish, **fields).reasons, fitted(wish, **fields).rank) == ((), FITS)


@pytest.mark.parametrize(
    ("wish", "fields", "doubts"),
    [
        (Wish(resolution="4K"), {"resolutions": None}, ("resolutions not stated",)),
        (Wish(aspect_ratio="9:16"), {"aspect_ratios": None}, ("aspect ratios not stated",)),
        (Wish(audio=True), {}, ("sound not stated",)),
        (Wish(audio=False), {"pricing": rate(7, audio={"on": 2})}, ("sound can't be chosen in an order",)),
        (Wish(), {"durations": None}, ("durations not stated",)),
    ],
)
def test_what_nobody_states_is_in_doubt(wish: Wish, fields: dict[str, Any], doubts: tuple[str, ...]) -> None:
    found = fitted(wish, **fields)

    assert (found.rank, found.doubts) == (UNSURE, doubts)


def test_a_model_whose_inputs_only_the_service_knows_is_in_doubt() -> None:
    assert fitted(Wish(have=("start_frame",)), "hoox").doubts == ("needs not stated",)


def test_the_kind_that_people_ask_for_fits() -> None:
    image = AIModel(
        account=Account(), **USUAL | {"type": "image", "durations": None, "pricing": rate(base=5)}
    )

    found = fit(image, Wish(60_000), kinds=("image",))

    assert (found.rank, found.shot.duration_ms, found.quote.figure) == (FITS, None, "5")


def test_the_services_spelling_is_what_is_priced() -> None:
    found = fitted(Wish(4000, "4K"), pricing=rate(7, resolution={"4k": 2}))

    assert (found.shot.resolution, found.quote.figure) == ("4k", "56")
