"""However a service spells its labels, people find one filter and one value for the same thing."""

import pytest

from catalog.mirror.voice_labels import Known, further, known

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("english", "English"),
        ("English", "English"),
        (" ENGLISH ", "English"),
        ("en", "English"),
        ("EN", "English"),
        ("en-US", "English"),
        ("pt_BR", "Portuguese"),
        ("zh", "Chinese"),
        ("Deutsch", "German"),
        ("français", "French"),
        ("Chinese,Yue", "Chinese, Yue"),
        ("brazilian portuguese", "Brazilian Portuguese"),
        ("no idea", "No Idea"),
        ("xx", "Xx"),
        ("unknown", ""),
        ("日本語", "Japanese"),
    ],
)
def test_a_language_is_one_however_it_is_written(sent: str, read: str) -> None:
    assert known({"language": sent}).language == read


@pytest.mark.parametrize("name", ["language", "Language", " LANGUAGE", "lang", "Locale"])
def test_a_labels_name_may_be_written_in_several_ways(name: str) -> None:
    assert known({name: "english"}) == Known(language="English")


@pytest.mark.parametrize(
    ("name", "sent", "read"),
    [
        ("gender", "f", "Female"),
        ("gender", "Woman", "Female"),
        ("gender", "male", "Male"),
        ("gender", "non_binary", "Non binary"),
        ("age", "middle_aged", "Middle-aged"),
        ("age", "Middle-Aged", "Middle-aged"),
        ("age", "middle aged", "Middle-aged"),
        ("age", "YOUNG", "Young"),
        ("accent", "us_southern", "US Southern"),
        ("accent", "n/a", ""),
    ],
)
def test_values_are_read_as_people_write_them(name: str, sent: str, read: str) -> None:
    assert getattr(known({name: sent}), name) == read


def test_of_two_labels_for_the_same_thing_the_first_counts() -> None:
    assert known({"Gender": "female", "sex": "male"}).gender == "Female"


@pytest.mark.parametrize("silent", ["unknown", "N/A", "-", " "])
def test_a_label_that_says_nothing_hides_none_that_does(silent: str) -> None:
    assert known({"gender": silent, "sex": "female"}).gender == "Female"


def test_a_value_is_cut_to_what_its_column_holds() -> None:
    assert len(known({"accent": "x" * 500}).accent) == 60


def test_other_labels_are_kept_and_read_well() -> None:
    labels = {"use_case": "social_media", "Descriptive": "calm", "language": "en", "mood": "none"}

    assert further(labels) == [("Use case", "Social media"), ("Descriptive", "Calm")]
