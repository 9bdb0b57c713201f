import pytest

from catalog.prices import durations

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("5000", 5000),
        ("5", 5000),
        ("5s", 5000),
        ("5 s", 5000),
        ("5 sec", 5000),
        ("5 Seconds", 5000),
        ("5000ms", 5000),
        ("2.5", 2500),
        ("0.5s", 500),
        ("600", 600_000),
        ("1000", 1000),
        ("2 min", 120_000),
        ("1 minute", 60_000),
        (5, 5000),
        (8000, 8000),
        (7.5, 7500),
        ("auto", durations.AUTO),
        (" AUTO ", durations.AUTO),
        ("-1", durations.AUTO),
        (-1, durations.AUTO),
    ],
)
def test_every_form_of_a_duration_is_read(text: object, ms: int) -> None:
    assert durations.read(text) == ms


@pytest.mark.parametrize(
    "text", ["", "soon", "5 apples", "-5", "0", "1e3", "5:00", "9" * 40, "99999999", None, True, [], {}]
)
def test_what_is_no_duration_is_none(text: object) -> None:
    assert durations.read(text) is None


def test_choices_are_ascending_and_once_each() -> None:
    assert durations.choices_ms(["8000", "4s", "auto", "6", "4000", "bad", None]) == [4000, 6000, 8000]


@pytest.mark.parametrize("texts", [None, [], "5000", {"5": 1}, 5])
def test_no_list_means_no_choices(texts: object) -> None:
    assert durations.choices_ms(texts) == []
    assert not durations.has_auto(texts)


@pytest.mark.parametrize(
    ("choices", "auto", "longest_ms", "words"),
    [
        ([4000, 6000, 8000], False, None, "4, 6, 8 s"),
        ([5000], False, 10_000, "5 s"),
        ([5000, 10_000], False, None, "5, 10 s"),
        (list(range(3000, 16_000, 1000)), False, None, "3–15 s"),
        (list(range(6000, 21_000, 2000)), False, None, "6–20 s, every 2 s"),
        ([2500, 5000], False, None, "2.5, 5 s"),
        ([], True, 600_000, "auto · to 10 min"),
        ([], True, 60_000, "auto · to 60 s"),
        ([], True, None, "auto"),
        ([4000, 5000, 6000], True, 30_000, "auto · 4–6 s"),
        ([], False, 8000, "to 8 s"),
        ([], False, None, ""),
    ],
)
def test_words_for_people(choices: list[int], auto: bool, longest_ms: int | None, words: str) -> None:
    assert durations.words(choices, auto=auto, longest_ms=longest_ms) == words
