"""Hoox's JSON into the types of `clients.answers`. Facts: Hoox's public documentation of 2026-07.

The examples there contradict one another: nothing under `capabilities` or `input_schema` is counted on.
What a model's own answer says in its `input_schema` goes before its `capabilities`.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Literal

from clients.answers import (
    AIModel,
    GenerationState,
    InputMode,
    InputSlot,
    ModelList,
    ModelSetting,
    RemoteError,
    RemotePrice,
    Started,
    normalise_status,
)
from clients.parsing import (
    Json,
    Row,
    Unreadable,
    as_number,
    as_row,
    as_text,
    parse_rows,
    row_list,
)
from clients.redaction import clean

HOISTED = ("type", "provider")
"""What a filtered list names once at its root and leaves out of every row."""
FINEST_CREDIT = Decimal("0.0001")
"""The service counts in floats: what is finer is their noise (0.1 × 3 comes as 0.30000000000000004)."""
SLOTS = {
    "start_image": ("image", "start_frame"),
    "first_frame": ("image", "start_frame"),
    "end_image": ("image", "end_frame"),
    "last_frame": ("image", "end_frame"),
    "source_video": ("video", "input_video"),
    "motion_video": ("video", "input_video"),
}
"""Type and role of the inputs that go by a name of their own."""
KNOWN_INPUTS = {"prompt", "references", "aspect_ratio", "resolution", "duration", "model_settings", *SLOTS}
LONGEST_ID = 100
KINDS: dict[str, Literal["boolean", "select"]] = {"boolean": "boolean", "select": "select"}
LENGTHS = ("duration", "duration_in_seconds", "duration_seconds")
"""One length under several names."""
SECONDS = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s*(?:s|secs?|seconds?)?")


# --- Models -----------------------------------------------------------------------------------


def model_list(answer: Json) -> ModelList:
    """The envelope with `models`; one bad row costs only itself."""
    root = as_row(answer)
    rows = [filled_in(item, root) for item in row_list({"data": root.values.get("models")})]
    models, skipped = parse_rows(rows, ai_model)
    return ModelList(models, skipped, len(rows))


def filled_in(item: Json, root: Row) -> Json:
    """The row with what was hoisted to the root."""
    if not isinstance(item, dict):
        return item
    hoisted = {name: root.text(name) for name in HOISTED if item.get(name) is None}
    return item | {name: text for name, text in hoisted.items() if text}


def one_model(answer: Json, name: str) -> AIModel:
    """Raises Unreadable for anything but this model: nothing but the name tells models apart."""
    model = ai_model(as_row(answer))
    if model is None or model.slug != name:
        raise Unreadable("another model than was asked for")
    return model


def ai_model(row: Row) -> AIModel | None:
    """A catalog row, of the list or of a model's own answer."""
    name = row.text("name")
    if not name or name in (".", ".."):  # no address could name it
        return None
    capabilities, offered = row.row("capabilities"), properties(row.row("input_schema"))
    return AIModel(
        id=None,
        slug=name,
        name=row.text("label") or readable(name),
        description=row.text("description"),
        type=row.text("type") or "",
        price_details=None,
        pricing=None,
        aspect_ratios=choices(offered, capabilities, "aspect_ratio"),
        aspect_ratio_range=None,
        resolutions=choices(offered, capabilities, "resolution"),
        default_resolution=default(offered, capabilities, "resolution"),
        durations=choices(offered, capabilities, "duration"),
        requires_start_frame=None,
        requires_end_frame=None,
        requires_audio_input=None,
        requires_input_video=None,
        requires_character_orientation=None,
        eta_ms=None,
        tags=row.texts("tags"),
        max_duration_ms=None,
        custom_resolution=None,
        dimensions=None,
        min_prompt_length=None,
        max_prompt_length=row.count("max_prompt_length"),
        inputs=input_modes(row.row("input_schema"), capabilities),
        logo_url=None,
        premium=None,
        display_order=None,
        raw=dict(row.values),
        maker=row.text("provider"),
        has_audio=row.flag("has_audio"),
        base_cost=credits(row.values.get("base_cost")),
        default_duration=default(offered, capabilities, "duration"),
        default_aspect_ratio=default(offered, capabilities, "aspect_ratio"),
        required_plans=row.texts("required_plans"),
        settings=settings(row),
    )


def readable(name: str) -> str:
    """A name for people: kling-v3-pro is Kling V3 Pro."""
    return " ".join(word[:1].upper() + word[1:] for word in name.split("-") if word) or name


def credits(value: Json) -> Decimal | None:
    """An amount without the noise of floats; one that is only noise is none."""
    number = as_number(value)
    if number is None:
        return None
    amount = number.quantize(FINEST_CREDIT, ROUND_HALF_UP)
    return None if number and not amount else plain(amount)


def plain(number: Decimal) -> Decimal:
    """Without zeros at the end, and without an exponent: 34.05, 40."""
    return number.to_integral_value() if number == number.to_integral_value() else number.normalize()


# --- What a model offers ----------------------------------------------------------------------


def properties(schema: Row) -> Row:
    """The inputs of a schema by name: under `properties`, or at the top level as in the documentation."""
    return schema.row("properties") if schema.mapping("properties") else schema


def choices(offered: Row, capabilities: Row, name: str) -> list[str] | None:
    """What can be chosen, each once; [] when the service names none, None when it is silent."""
    lists = [offered.row(name).values.get("enum")]
    lists += [capabilities.values.get(key) for key in spellings(f"supported_{name}s", f"{name}s")]
    said = [texts(found) for found in lists if isinstance(found, list)]
    return next(filter(None, said), [] if said else None)


def default(offered: Row, capabilities: Row, name: str) -> str | None:
    found = [offered.row(name).values.get("default")]
    found += [capabilities.values.get(key) for key in spellings(f"default_{name}")]
    return next(iter(texts(found)), None)


def spellings(*names: str) -> Iterator[str]:
    """Each name, and as oneWord: no example of the service shows all of its keys."""
    for name in names:
        first, *others = name.split("_")
        yield from (name, first + "".join(map(str.capitalize, others)))


def texts(values: Iterable[Json]) -> list[str]:
    """The texts among the values; a whole number is written without a point: 8.0 is "8"."""
    whole = (int(value) if isinstance(value, float) and value.is_integer() else value for value in values)
    return list(dict.fromkeys(text for text in map(as_text, whole) if text))


def settings(row: Row) -> list[ModelSetting] | None:
    if not isinstance(row.values.get("settings"), list):
        return None
    found = [setting for setting in map(setting_of, row.rows("settings")) if setting]
    return list({setting["key"]: setting for setting in found}.values())


def setting_of(row: Row) -> ModelSetting | None:
    """None for a kind that nobody could be asked for. What may affect the cost is taken to do so."""
    key, kind = row.text("key"), KINDS.get(row.text("type") or "")
    if not (key and kind):
        return None
    return ModelSetting(
        key=key,
        type=kind,
        label=row.text("label") or key,
        default=row.flag("default_value") if kind == "boolean" else row.text("default_value"),
        options=row.texts("options") or [],
        affects_cost=row.flag("affects_cost") is not False,
    )


# --- What a model takes -----------------------------------------------------------------------


def input_modes(schema: Row, capabilities: Row) -> list[InputMode] | None:
    """`references` and the named inputs exclude each other, so they are two modes. None means "not said"."""
    offered, required = properties(schema), schema.texts("required") or []
    if not {"prompt", "references", *SLOTS} & set(offered):
        return counted_images(capabilities)
    slots = {
        "references": referenced(offered, capabilities, required),
        "named": [
            input_slot(type_, role, name in required, name=name)
            for name, (type_, role) in SLOTS.items()
            if isinstance(offered.values.get(name), dict)
        ]
        # Whatever else it insists on keeps its own name: a model must not seem to need less than it does.
        + [input_slot("", name, True, name=name) for name in required if name not in KNOWN_INPUTS],
    }
    return [InputMode(mode=mode, slots=found) for mode, found in slots.items() if found]


def counted_images(capabilities: Row) -> list[InputMode] | None:
    """The list tells only how many images a model takes, not what they are for."""
    most, fewest = capabilities.count("max_images"), capabilities.count("min_images")
    if most is None:
        return None
    slots = [reference_slot(bool(fewest), most, fewest or 0)] if most else []
    return [InputMode(mode="references", slots=slots)] if slots else []


def referenced(offered: Row, capabilities: Row, required: list[str]) -> list[InputSlot]:
    if not isinstance(offered.values.get("references"), dict):
        return []
    fewest = offered.row("references").count("minItems") or 0
    limits = [offered.row("references").count("maxItems"), capabilities.count("max_images")]
    most = next((limit for limit in limits if limit is not None), max(fewest, 1))
    must = fewest > 0 or "references" in required
    return [reference_slot(must, most, max(fewest, int(must)))] if most else []


def reference_slot(required: bool, max_count: int, min_count: int) -> InputSlot:
    return input_slot("image", "reference", required, max_count, min_count, name="references")


def input_slot(
    type_: str, role: str, required: bool, max_count: int = 1, min_count: int = 0, *, name: str
) -> InputSlot:
    return InputSlot(
        name=name,
        type=type_,
        role=role,
        required=required,
        min_count=min_count or int(required),
        max_count=max_count,
        max_file_size_bytes=None,
        min_dimension_px=None,
        max_dimension_px=None,
        min_duration_ms=None,
        max_duration_ms=None,
        max_total_duration_ms=None,
    )


# --- Prices -----------------------------------------------------------------------------------


def remote_price(answer: Json, count: int, duration_ms: int | None = None) -> RemotePrice:
    """Raises Unreadable without amounts that can be true: a price is never guessed."""
    row = as_row(answer)
    if (row.text("currency") or "credits").lower() != "credits":
        raise Unreadable("a price in another currency")
    count = row.count("generation_count") or count
    each, total = amount(row.values.get("cost_per_generation")), row.values.get("total_cost")
    said = row.values.get("normalized")
    changed = Row(said if isinstance(said, dict) else {"request": "another value"} if said else {})
    priced_ms = coerced_ms(changed) or whole_seconds(duration_ms) * 1000
    other_ms = priced_ms if priced_ms != (duration_ms or 0) else None
    return RemotePrice(
        cost_per_generation=each,
        total=each * count if total is None else amount(total),
        count=count,
        duration_ms=other_ms,
        normalized=changes(changed, other_ms),
    )


def amount(value: Json) -> Decimal:
    found = credits(value)
    if found is None:
        raise Unreadable("a price without an amount of credits")
    return found


def whole_seconds(duration_ms: int | None) -> int:
    """What the service is asked for a length; it knows only whole seconds."""
    return ceil((duration_ms or 0) / 1000)


def coerced_ms(row: Row) -> int | None:
    """The length that was priced, from any of its names: 8, 6.0 or "6s"."""
    matches = (SECONDS.fullmatch((row.text(name) or "").lower()) for name in LENGTHS)
    found = (int(Decimal(match[1]) * 1000) for match in matches if match)
    return next(filter(None, found), None)


def changes(row: Row, other_ms: int | None) -> dict[str, str]:
    """What was priced instead, in words. The length is there once, whatever its names."""
    settings = row.mapping("model_settings")
    told = set(LENGTHS) if coerced_ms(row) else set()
    told |= {"model_settings"} if settings else set()
    values = {name: value for name, value in row.values.items() if name not in told} | settings
    length = {"duration": f"{plain(Decimal(other_ms) / 1000)} s"} if other_ms else {}
    return length | {clean(name): in_words(value) for name, value in values.items()}


def in_words(value: Json) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else clean(as_text(value) or "") or "another value"


# --- Generations ------------------------------------------------------------------------------


def started(answer: Json) -> Started:
    """Raises Unreadable without an id: then nobody knows what was started."""
    row = as_row(answer)
    ids = [id_ for id_ in row.texts("asset_ids") or [] if len(id_) <= LONGEST_ID]
    if not ids:
        raise Unreadable("an order without an asset")
    return Started(ids, credits(row.values.get("cost_per_generation")))


def asset_state(answer: Json, asset_id: str) -> GenerationState:
    """Raises Unreadable without a status, and for another asset than was asked for."""
    row = as_row(answer)
    if not row.text("status") or (row.text("asset_id") or asset_id) != asset_id:
        raise Unreadable("no state of this asset")
    return GenerationState(
        id=asset_id,
        asset_id=asset_id,
        status=normalise_status(row.text("status")),
        progress=0,
        url=row.text("url"),
        download_url=None,
        streaming_url=None,
        error=failure(row),
        created_at=row.moment("created_at"),
        credit_cost=credits(row.values.get("cost")),
        model=row.row("generation_params").text("model"),
    )


def failure(row: Row) -> RemoteError | None:
    error = row.row("error")
    code, message = error.text("code"), error.text("message") or row.text("error")
    return RemoteError((code or "UNKNOWN").upper(), clean(message or "")) if code or message else None
