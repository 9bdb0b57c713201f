"""What takes are found by follows from what they are, in the database itself."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from generations.models import Generation
from tests.factories import make_take


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("video", "video"),
        ("motion_control", "video"),
        ("image_upscale", "image"),
        ("text_to_speech", "audio"),
    ],
)
def test_the_kind_follows_from_the_request(owner: User, type_: str, kind: str) -> None:
    assert Generation.objects.get(pk=make_take(owner, type=type_).pk).kind == kind


@pytest.mark.parametrize(
    ("ms", "name", "place"),
    [(None, "", -1), (5000, "5", 5000), (5001, "10", 5001), (30_000, "30", 30_000), (30_001, "more", 30_001)],
)
def test_so_do_the_class_and_the_place_of_its_length(
    owner: User, ms: int | None, name: str, place: int
) -> None:
    take = Generation.objects.get(pk=make_take(owner, duration_ms=ms).pk)
    assert (take.length_class, take.length_place) == (name, place)


@pytest.mark.parametrize(
    ("charged", "before", "name", "place"),
    [(None, 5, "", -1), (0, 0, "0", 0), (0, 7, "10", 7), ("10.5", 0, "50", "10.5"), (150, 51, "more", 201)],
)
def test_and_those_of_its_cost(
    owner: User, charged: str | None, before: int, name: str, place: str | int
) -> None:
    """An unknown charge is unknown, whatever earlier tries cost."""
    made = make_take(owner, charged=None if charged is None else Decimal(charged), charged_before=before)
    take = Generation.objects.get(pk=made.pk)
    assert (take.cost_class, take.cost_place) == (name, Decimal(place))
