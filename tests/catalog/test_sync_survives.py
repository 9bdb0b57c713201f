"""Whatever a service answers, the catalog survives it: made-up answers over the real reader and real HTTP."""

import json
from typing import Any
from uuid import uuid4

from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from catalog.mirror.sync import SyncReport, sync
from catalog.models import Account, AIModel, Change
from catalog.services import HEDRA, HOOX
from tests.catalog.factories import rate, row
from tests.clients.server import ScriptedServer, text_answer
from tests.fuzzing import COUNT

MANY = examples(max_examples=min(500, COUNT // 4))
SOME = examples(MANY, max_examples=40)

TEXTS = st.text(max_size=8) | st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff\0",
        "\U0001f98a",
        "é",
        "e\u0301",
        "x" * 9000,
        "-1",
        "auto",
        "5000",
    ]
)
NUMBERS = st.sampled_from(
    [
        0,
        -1,
        0.0,
        -0.0,
        7.0,
        0.1,
        1e-9,
        1e308,
        -1e308,
        2**31,
        2**63,
        10**40,
        10**400,
        float("nan"),
        float("inf"),
    ]
) | st.integers(-10, 10**6)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
UNITS = st.sampled_from(["second", "generation", "character"])
# Few keys for many rows, so that they clash: duplicates, moved ids, renamed slugs.
KEYS = st.sampled_from(["a", "b", "c", " a ", "a\0", "A", 1, "1", 2.0, None, "", "x" * 300, "\ud800", []])
SHAPES: dict[str, st.SearchStrategy[Any]] = {
    "pricing": st.builds(rate, NUMBERS, NUMBERS, resolution=st.dictionaries(TEXTS, NUMBERS, max_size=2)),
    "price_details": st.fixed_dictionaries(
        {
            "credit_cost": NUMBERS,
            "unit_scale": NUMBERS,
            "billing_unit": st.sampled_from(["second", "generation"]),
        }
    ),
    "aspect_ratios": st.lists(st.sampled_from(["16:9", "9:16", "1:1", "0:0", "auto"]) | TEXTS, max_size=3),
    "aspect_ratio_range": st.lists(NUMBERS, max_size=3),
    "resolutions": st.lists(st.sampled_from(["720p", "4K", 720]) | TEXTS, max_size=3),
    "durations": st.lists(st.sampled_from(["5000", "10 s", 8, "auto"]) | TEXTS | NUMBERS, max_size=3),
    "inputs": st.lists(
        st.fixed_dictionaries(
            {
                "mode": TEXTS,
                "slots": st.lists(
                    st.fixed_dictionaries(
                        {"role": st.sampled_from(["start_frame", "audio_input", "odd"]), "required": ANYTHING}
                    ),
                    max_size=2,
                ),
            }
        ),
        max_size=2,
    ),
}
FIELDS = [
    *("name", "description", "type", "price_details", "pricing", "aspect_ratios", "aspect_ratio_range"),
    *("resolutions", "default_resolution", "durations", "requires_start_frame", "requires_end_frame"),
    *("requires_audio_input", "requires_input_video", "requires_character_orientation", "eta_ms", "tags"),
    *("max_duration_ms", "custom_resolution", "dimensions", "min_prompt_length", "max_prompt_length"),
    *("inputs", "logo_url", "premium", "display_order", "unheard_of"),
]


@st.composite
def rows(draw: st.DrawFn) -> Any:
    """A row that is right, but for a few fields that are odd, missing or of another shape."""
    sent = row("Made up", id=draw(KEYS), slug=draw(KEYS))
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=4)):
        kind = draw(st.sampled_from(["odd", "shaped", "missing"]))
        if kind == "missing":
            sent.pop(name, None)
        else:
            sent[name] = draw(ANYTHING if kind == "odd" else SHAPES.get(name, ANYTHING))
    return sent


ANSWERS = st.lists(rows() | ANYTHING, max_size=6)
BODIES = ANSWERS.map(json.dumps) | ANYTHING.map(json.dumps) | ANSWERS.map(lambda sent: json.dumps(sent)[:-9])


class Shop:
    """An account of its own at a service that answers as it is told."""

    def __init__(self, service: ScriptedServer, settings: Settings, name: str = HEDRA) -> None:
        settings.HEDRA_KEY = settings.HOOX_KEY = f"sk_{uuid4().hex}"
        settings.HOOX_URL = service.url
        self.service = service
        self.account = Account.objects.current(name)

    def sync(self, body: str) -> SyncReport:
        self.service.script.clear()
        self.service.will(text_answer(body, 200, "application/json"))
        self.account = Account.objects.get(pk=self.account.pk)
        return sync(self.account)

    @property
    def models(self) -> list[AIModel]:
        return list(AIModel.objects.current().filter(account=self.account))

    @property
    def changes(self) -> list[Change]:
        return list(Change.objects.filter(account=self.account).order_by("pk"))

    def assert_readable(self) -> None:
        """Everything that pages show of it can be shown, and stored text is text."""
        for model in self.models:
            assert model.name
            shown = [model.durations_words, model.needs_words, model.rate_words, model.resolution_words]
            assert not any("\0" in text for text in [*shown, model.name, model.key])
        for change in self.changes:
            assert change.sentence
            assert "\0" not in change.sentence
            assert len(change.sentence) < 2000


GOOD = {"good/plain": row("Plain", slug="good/plain"), "good/other": row("Other", slug="good/other")}
MOVING = row("Moving", id="moving-1", slug=None, pricing=rate(7))
MOVED = {**MOVING, "slug": "good/moved", "pricing": rate(8)}


@MANY
@given(first=ANSWERS, then=ANSWERS, data=st.data())
def test_good_rows_are_kept_among_bad_ones(
    first: list[Any],
    then: list[Any],
    data: st.DataObject,
    account: Account,
    service: ScriptedServer,
    settings: Settings,
) -> None:
    shop = Shop(service, settings)
    before = data.draw(st.permutations([*first, *GOOD.values(), MOVING]))
    after = data.draw(st.permutations([*then, *GOOD.values(), MOVED]))

    assert shop.sync(json.dumps(before)).error == ""
    kept = {model.name: model.pk for model in shop.models if model.key in {*GOOD, MOVING["id"]}}
    assert shop.sync(json.dumps(after)).error == ""

    keys = {model.key: model for model in shop.models}
    assert {keys[key].pk for key in (*GOOD, "good/moved")} == set(kept.values())
    assert (keys["good/plain"].rate_words, keys["good/moved"].rate_words) == ("7 cr/s", "8 cr/s")
    moved = [change for change in shop.changes if change.model_id == kept["Moving"]]
    assert [(change.kind, change.credits_before, change.credits_after) for change in moved] == [
        ("price", 35, 40)
    ]
    shop.assert_readable()


@SOME
@given(answer=ANSWERS)
@example(answer=[row("By slug", slug="1"), row("By id", id="1", slug=None)])  # two models, one name
def test_the_same_answer_again_is_no_news(
    answer: list[Any], account: Account, service: ScriptedServer, settings: Settings
) -> None:
    shop = Shop(service, settings)
    body = json.dumps([*answer, *GOOD.values()])
    shop.sync(body)
    before = {model.pk: (model.key, model.retired_at) for model in shop.models}
    report = shop.sync(body)

    assert (report.added, report.updated, report.retired, report.returned) == (0, 0, 0, 0)
    assert Account.objects.get(pk=shop.account.pk).revision == 1
    assert {model.pk: (model.key, model.retired_at) for model in shop.models} == before
    assert shop.changes == []


@SOME
@given(data=st.data())
def test_a_shuffled_answer_is_no_news(
    data: st.DataObject, account: Account, service: ScriptedServer, settings: Settings
) -> None:
    shop = Shop(service, settings)
    sent = [row(**{"name": f"Model {n}", **shape}) for n, shape in enumerate(data.draw(SHUFFLED))]
    shop.sync(json.dumps(sent))
    lists = [name for name in SHAPES if name in ("aspect_ratios", "resolutions", "durations")]
    again = [{**one, **{name: one[name][::-1] for name in lists}} for one in sent]
    report = shop.sync(json.dumps(data.draw(st.permutations(again))))

    assert (report.added, report.retired, report.error) == (0, 0, "")
    assert shop.changes == []


SHUFFLED = st.lists(
    st.fixed_dictionaries(
        {name: SHAPES[name] for name in ("pricing", "aspect_ratios", "durations", "inputs")}
    ),
    min_size=1,
    max_size=5,
)


@SOME
@given(bodies=st.lists(BODIES, min_size=1, max_size=3))
def test_the_catalog_is_never_emptied(
    bodies: list[str], account: Account, service: ScriptedServer, settings: Settings
) -> None:
    shop = Shop(service, settings)
    shop.sync(json.dumps(list(GOOD.values())))

    for body in bodies:
        report = shop.sync(body)
        shop.account.refresh_from_db()
        assert shop.account.sync_error == report.error
        assert shop.models
        shop.assert_readable()


# The other service's form: rows in an envelope that may name what they share


def hoox_row(name: Any = "kling-v3-pro", **fields: Any) -> dict[str, Any]:
    offer = {"supported_durations": [5, 10], "supportedResolutions": ["720p"], "max_images": 1}
    return {
        "name": name,
        "type": "video",
        "provider": "kling",
        "base_cost": 7.5,
        "capabilities": offer,
        **fields,
    }


@st.composite
def hoox_rows(draw: st.DrawFn) -> Any:
    sent = hoox_row(draw(KEYS))
    for name in draw(st.lists(st.sampled_from(HOOX_FIELDS), max_size=3)):
        sent[name] = draw(HOOX_SHAPES.get(name, ANYTHING) | ANYTHING)
    return sent


HOOX_FIELDS = ["label", "type", "provider", "base_cost", "capabilities", "input_schema", "tags", "has_audio"]
HOOX_SHAPES: dict[str, st.SearchStrategy[Any]] = {
    "base_cost": NUMBERS | st.sampled_from(["7.5", "1e9", "-3", "NaN", "1e-9"]),
    "capabilities": st.dictionaries(
        st.sampled_from(["supported_durations", "supportedAspectRatios", "resolutions", "max_images"]),
        ANYTHING,
    ),
    "input_schema": st.dictionaries(
        st.sampled_from(["properties", "required", "duration", "references", "start_image"]), ANYTHING
    ),
}
ENVELOPES = st.fixed_dictionaries({}, optional={"type": ANYTHING, "provider": ANYTHING, "total": ANYTHING})


@SOME
@given(
    first=st.lists(hoox_rows() | ANYTHING, max_size=5),
    then=st.lists(hoox_rows() | ANYTHING, max_size=5),
    envelope=ENVELOPES,
    data=st.data(),
)
def test_the_other_services_good_rows_are_kept_too(
    first: list[Any],
    then: list[Any],
    envelope: dict[str, Any],
    data: st.DataObject,
    account: Account,
    service: ScriptedServer,
    settings: Settings,
) -> None:
    shop = Shop(service, settings, HOOX)
    before = data.draw(st.permutations([*first, hoox_row("good")]))
    after = data.draw(st.permutations([*then, hoox_row("good", base_cost=6)]))

    assert shop.sync(json.dumps({**envelope, "models": before})).error == ""
    assert shop.sync(json.dumps({**envelope, "models": after})).error == ""
    shop.sync(json.dumps({**envelope, "models": data.draw(ANYTHING)}))

    [good] = [model for model in shop.models if model.slug == "good"]
    told = [change.sentence for change in shop.changes if change.model_id == good.pk]
    assert told == ["usually 7.5 cr → usually 6 cr"]
    shop.assert_readable()
