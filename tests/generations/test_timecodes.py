"""Moments of a clip as words."""

import pytest

from generations.timecodes import moment_words, parse_moment


@pytest.mark.parametrize(
    ("text", "ms"),
    [("0:03.2", 3200), ("3.2", 3200), ("3,25", 3250), ("1:05", 65_000), (" 12 ", 12_000), ("90", 90_000)],
)
def test_moments_are_read_as_people_write_them(text: str, ms: int) -> None:
    assert parse_moment(text) == ms


@pytest.mark.parametrize("text", ["", "soon", "-1", "1:2:3", "1.2345", "٣", "1e3", "9" * 30])
def test_other_words_are_no_moment(text: str) -> None:
    assert parse_moment(text) is None


def test_words_come_back_as_the_moment_they_tell() -> None:
    for ms in (0, 900, 3200, 59_900, 60_000, 3_599_900):
        assert parse_moment(moment_words(ms)) == ms
