"""The shot that people describe, read from the address and written back."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from catalog.pages.wishes import COUNTS, HAVE, Wish

pytestmark = pytest.mark.any_database


def wish(query: str) -> Wish:
    return Wish.from_query(QueryDict(query))


def test_every_part_of_the_shot_is_read() -> None:
    query = (
        "seconds=7.5&shot_resolution=1080p&shot_ratio=9:16&audio=on&takes=4&have=audio_input&have=start_frame"
    )

    assert wish(query) == Wish(7500, "1080p", "9:16", True, 4, ("start_frame", "audio_input"))


def test_nothing_said_is_the_usual_shot() -> None:
    assert wish("") == Wish(5000)
    assert wish("").pairs() == []


@pytest.mark.parametrize(
    "query",
    [
        "seconds=0",
        "seconds=-1",
        "seconds=99999",
        "seconds=long",
        "shot_resolution=huge",
        "shot_resolution=%00",
        "shot_ratio=wide",
        "shot_ratio=9:0",
        "shot_ratio=auto",
        "audio=loud",
        "takes=0",
        "takes=3",
        "takes=100",
        "takes=²",
        "have=money",
    ],
)
def test_what_nobody_could_mean_is_left_out(query: str) -> None:
    assert wish(query) == Wish()


def test_text_alone_gives_way_to_what_else_is_at_hand() -> None:
    assert wish("have=text").have == ("text",)
    assert wish("have=text&have=start_frame").have == ("start_frame",)


@given(
    st.builds(
        Wish,
        duration_ms=st.integers(100, 3_600_000),
        resolution=st.sampled_from(["", "480p", "4K", "1440p (2K QHD)"]),
        aspect_ratio=st.sampled_from(["", "9:16", "21:9"]),
        audio=st.sampled_from([None, True, False]),
        count=st.sampled_from(COUNTS),
        have=st.sampled_from([(), ("text",), ("start_frame", "audio_input"), tuple(HAVE)[1:]]),
    )
)
def test_what_is_written_is_read_again(wanted: Wish) -> None:
    query = QueryDict(mutable=True)
    for name, value in wanted.pairs():
        query.appendlist(name, value)

    assert Wish.from_query(query) == wanted
