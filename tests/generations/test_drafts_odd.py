"""Whatever is sent as a draft, and whatever is found stored as one, never breaks the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as some

from catalog.models import AIModel
from generations import drafts, keeping
from generations.models import Draft
from tests.factories import make_asset, make_model

from .controls import controls

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

patient = with_settings(max_examples=40)
NAMES = (
    "model", "prompt", "aspect_ratio", "duration_ms", "resolution", "variations", "shot_prompt",
    "shot_seconds", "point", "audio_start_ms", "start_frame", "reference_image", "element_1",
    "more_reference_image", "wish_duration_ms", "wish_voice", "setting_quality", "enhance_prompt",
    "stability", "speech_text", "name",
)  # fmt: skip
texts = some.text(max_size=40) | some.sampled_from(["1", "-1", "9" * 30, "0|0", "NaN", "\0", "9:16|", "٣"])
names = some.sampled_from(NAMES) | some.text(max_size=20)
storable = texts.map(lambda text: text.replace("\0", ""))  # which is all that PostgreSQL's JSON lacks
junk = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**60), 2**60) | storable,
    lambda inner: (
        some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture
def models(owner: User) -> list[AIModel]:
    """One that takes most of what there is, and a plain one."""
    slot = {"type": "image", "role": "reference", "required": True, "max_count": 3}
    make_asset(owner)
    return [
        make_model(inputs=[{"mode": "reference_to_video", "slots": [slot]}], tags=["multi-shot"]),
        make_model(requires_start_frame=True, requires_audio_input=True, durations=["auto"]),
    ]


@given(
    stored=some.dictionaries(some.sampled_from(NAMES), junk, max_size=8) | junk, choice=some.integers(0, 1)
)
@patient
def test_any_stored_draft_opens(
    client: Client, owner: User, models: list[AIModel], stored: Any, choice: int
) -> None:
    if isinstance(stored, dict):
        stored["model"] = [str(models[choice].form_key)]
    # None would be no row of ours: the column has a value.
    values = {} if stored is None else stored
    Draft.objects.update_or_create(owner=owner, defaults={"values": values, "before": values})
    for query in ("", f"?model={models[1 - choice].form_key}", "?new=1"):
        assert client.get(f"/create/{query}").status_code == 200
    assert client.get("/create/presets/").status_code == 200
    assert client.post("/create/draft/back/").status_code == 302


@given(
    sent=some.dictionaries(names, some.lists(texts, max_size=4), max_size=10),
    changed=texts | some.just("untouched"),
    page=some.text(max_size=50),
)
@patient
def test_anything_sent_is_stored_or_refused_in_words(
    client: Client, models: list[AIModel], sent: dict[str, list[str]], changed: str, page: str
) -> None:
    values = {**sent, "model": [str(models[0].form_key)], "draft_changed": changed, "draft_page": page}
    answer = client.post("/create/draft/", values)
    assert answer.status_code in (204, 409)
    assert answer.status_code == 204 or answer.content
    assert client.get("/create/").status_code == 200


@given(
    words=some.text(alphabet=some.characters(exclude_categories=["Cs", "Cc"]), max_size=200),
    seconds=some.lists(some.sampled_from(["3", "5", "15"]), max_size=6),
)
@patient
def test_words_come_back_to_the_letter(
    client: Client, owner: User, models: list[AIModel], words: str, seconds: list[str]
) -> None:
    shots = [f"{words} {second}" for second in seconds]
    values = {"prompt": words, "shot_prompt": shots, "shot_seconds": seconds}
    client.post("/create/draft/", values | {"model": models[0].form_key})
    found = controls(client.get("/create/").content.decode())
    assert found["prompt"] == [words]
    assert found["shot_prompt"][: len(shots)] == shots


@given(sent=some.dictionaries(names, some.lists(texts, max_size=3), max_size=8))
@patient
def test_what_is_kept_is_kept_again_unchanged(sent: dict[str, list[str]]) -> None:
    query = QueryDict(mutable=True)
    for name, values in sent.items():
        query.setlist(name, values)
    once = drafts.values_of(query)
    again = QueryDict(mutable=True)
    for name, values in once.items():
        again.setlist(name, values)
    assert drafts.values_of(again) == drafts.readable(once) == once
    assert all(keeping.is_of_shot(name) for name in once)


@pytest.mark.parametrize("size", [64 * 1024, 64 * 1024 + 1])
def test_the_limit_counts_bytes_of_names_and_values(owner: User, size: int) -> None:
    values = {"prompt": ["ü" * ((size - len("prompt")) // 2) + "x" * ((size - len("prompt")) % 2)]}
    if size <= drafts.MOST_BYTES:
        assert drafts.put(owner, values).changed
    else:
        with pytest.raises(drafts.TooLong):
            drafts.put(owner, values)
