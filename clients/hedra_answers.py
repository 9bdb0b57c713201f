"""Hedra's JSON into the types of `clients.answers`. Facts: Hedra's OpenAPI document of 2026-08.

Each reader returns None for a row that cannot be used at all, e.g. one without an id.
"""

from clients.answers import (
    AIModel,
    CreatedAsset,
    CreditBalance,
    GenerationPage,
    GenerationState,
    InputMode,
    InputSlot,
    ModelList,
    PriceDetails,
    Pricing,
    RemoteAsset,
    RemoteError,
    RemoteGeneration,
    Size,
    Submission,
    SubmissionItem,
    VoiceList,
    normalise_status,
)
from clients.parsing import Json, Row, Unreadable, as_plain_number, as_row, parse_rows, row_list
from clients.redaction import clean


def model_list(answer: Json) -> ModelList:
    """A bare array; one bad row costs only itself."""
    rows = row_list(answer)
    models, skipped = parse_rows(rows, ai_model)
    return ModelList(models, skipped, len(rows))


def ai_model(row: Row) -> AIModel | None:
    """A catalog row; older servers send no slug, newer ones may send a null id."""
    id_, slug = row.text("id"), row.text("slug")
    if not (id_ or slug):
        return None
    return AIModel(
        id=id_,
        slug=slug,
        name=row.text("name", "slug", "id") or "",
        description=row.text("description"),
        type=row.text("type") or "",
        price_details=price_details(row.row("price_details")),
        pricing=pricing(row.row("pricing")),
        aspect_ratios=row.texts("aspect_ratios"),
        aspect_ratio_range=ratio_range(row),
        resolutions=row.texts("resolutions"),
        default_resolution=row.text("default_resolution"),
        durations=row.texts("durations"),
        requires_start_frame=row.flag("requires_start_frame"),
        requires_end_frame=row.flag("requires_end_frame"),
        requires_audio_input=row.flag("requires_audio_input"),
        requires_input_video=row.flag("requires_input_video"),
        requires_character_orientation=row.flag("requires_character_orientation"),
        eta_ms=row.count("eta_ms"),
        tags=row.texts("tags"),
        max_duration_ms=row.count("max_duration_ms"),
        custom_resolution=row.flag("custom_resolution"),
        dimensions=dimensions(row),
        min_prompt_length=row.count("min_prompt_length"),
        max_prompt_length=row.count("max_prompt_length"),
        inputs=input_modes(row),
        logo_url=row.text("logo_url"),
        premium=row.flag("premium"),
        display_order=row.integer("display_order"),
        raw=dict(row.values),
    )


def price_details(row: Row) -> PriceDetails | None:
    """None when the model has none, or an empty shell of nulls."""
    details = PriceDetails(
        credit_cost=row.plain_number("credit_cost"),
        unit_scale=row.plain_number("unit_scale"),
        billing_unit=row.text("billing_unit"),
    )
    return details if any(value is not None for value in details.values()) else None


def pricing(row: Row) -> Pricing | None:
    """None when the model has none, or one that names no rate."""
    base, per_second = row.plain_number("base_cost"), row.plain_number("credits_per_second")
    if base is None and per_second is None:
        return None
    return Pricing(base_cost=base, credits_per_second=per_second, modifiers=modifiers(row.row("modifiers")))


def modifiers(row: Row) -> dict[str, dict[str, int | float]]:
    """Factors by dimension and option; a factor that is no number is left out."""
    factors: dict[str, dict[str, int | float]] = {}
    for dimension in row:
        options = row.row(dimension)
        known = {option: options.plain_number(option) for option in options}
        factors[dimension] = {option: factor for option, factor in known.items() if factor is not None}
    return factors


def ratio_range(row: Row) -> list[float] | None:
    """The two ends, when they are two numbers in order."""
    value = row.values.get("aspect_ratio_range")
    ends = [as_plain_number(end) for end in value] if isinstance(value, list) else []
    numbers = [float(end) for end in ends if end is not None]
    return numbers if len(ends) == len(numbers) == 2 and numbers[0] <= numbers[1] else None


def dimensions(row: Row) -> dict[str, dict[str, Size]] | None:
    """Pixels by ratio and resolution; None when there are none."""
    ratios = row.row("dimensions")
    return {ratio: sizes(ratios.row(ratio)) for ratio in ratios} or None


def sizes(row: Row) -> dict[str, Size]:
    """Pixels by resolution."""
    found: dict[str, Size] = {}
    for resolution in row:
        width, height = row.row(resolution).count("width"), row.row(resolution).count("height")
        if width and height:
            found[resolution] = Size(width=width, height=height)
    return found


def input_modes(row: Row) -> list[InputMode] | None:
    """None means "not said": then the requires_* flags count."""
    if not isinstance(row.values.get("inputs"), list):
        return None
    return [
        InputMode(mode=mode.text("mode") or "", slots=[input_slot(slot) for slot in mode.rows("slots")])
        for mode in row.rows("inputs")
    ]


def input_slot(row: Row) -> InputSlot:
    return InputSlot(
        type=row.text("type") or "",
        role=row.text("role") or "",
        required=row.flag("required") or False,
        max_count=row.count("max_count") or 1,
        max_file_size_bytes=row.count("max_file_size_bytes"),
        min_dimension_px=row.count("min_dimension_px"),
        max_dimension_px=row.count("max_dimension_px"),
        min_duration_ms=row.count("min_duration_ms"),
        max_duration_ms=row.count("max_duration_ms"),
        max_total_duration_ms=row.count("max_total_duration_ms"),
    )


def assets(answer: Json) -> list[RemoteAsset]:
    """A bare array."""
    return parse_rows(row_list(answer), asset)[0]


def voice_list(answer: Json) -> VoiceList:
    """A bare array of assets; one bad row costs only itself."""
    rows = row_list(answer)
    return VoiceList(parse_rows(rows, asset)[0], len(rows))


def asset(row: Row) -> RemoteAsset | None:
    """A library row. The media's facts and links are one level deeper, in its own `asset`."""
    id_, inner = row.text("id"), row.row("asset")
    if not id_:
        return None
    return RemoteAsset(
        id=id_,
        type=row.text("type") or "",
        name=row.text("name") or "",
        created_at=row.moment("created_at"),
        kind=inner.text("type"),
        url=inner.text("url"),
        download_url=inner.text("download_url"),
        streaming_url=inner.text("streaming_url"),
        poster_url=inner.text("poster_url"),
        preview_url=inner.text("preview_url"),
        thumbnail_url=row.text("thumbnail_url"),
        width=inner.count("width"),
        height=inner.count("height"),
        duration_ms=inner.count("duration_ms"),
        description=row.text("description"),
        is_favorite=row.flag("is_favorite") or False,
        labels=labels(inner),
        source=inner.text("source"),
        external_id=inner.text("external_id"),
    )


def labels(row: Row) -> dict[str, str]:
    """A voice's name/value pairs."""
    pairs = ((label.text("name"), label.text("value")) for label in row.rows("labels"))
    return {name: value for name, value in pairs if name and value}


def created_asset(answer: Json) -> CreatedAsset:
    """Raises Unreadable without an id: there would be no place to upload to."""
    row = as_row(answer)
    id_ = row.text("id")
    if not id_:
        raise Unreadable("an asset without an id")
    return CreatedAsset(id=id_, upload_url=row.text("upload_url"))


def submission(answer: Json) -> Submission:
    """Raises Unreadable when no generation id and no variation came back."""
    row = as_row(answer)
    first, batch = submission_item(row), row.rows("batch_results")
    items = [submission_item(item) for item in batch] or [first]
    if not (first.id or batch):
        raise Unreadable("a submission without an id")
    return Submission(
        generation_id=first.id or next((item.id for item in items if item.id), None),
        asset_id=first.asset_id or next((item.asset_id for item in items if item.id), None),
        status=first.status,
        progress=first.progress,
        eta_s=first.eta_s,
        created_at=first.created_at,
        items=items,
        batch_generation_id=row.text("batch_generation_id"),
    )


def submission_item(row: Row) -> SubmissionItem:
    """Old servers send only the two ids; a variation that did not fail is then queued."""
    failure = remote_error(row)
    return SubmissionItem(
        id=row.text("id"),
        asset_id=row.text("asset_id"),
        status=normalise_status(row.text("status") or ("error" if failure else "queued")),
        progress=progress(row),
        eta_s=row.count("eta_sec"),
        created_at=row.moment("created_at"),
        error=failure,
    )


def generation_state(answer: Json) -> GenerationState:
    """Raises Unreadable without a status: nothing could be said about the generation."""
    row = as_row(answer)
    if not row.text("status"):
        raise Unreadable("a state without a status")
    return GenerationState(
        id=row.text("id") or "",
        asset_id=row.text("asset_id"),
        status=normalise_status(row.text("status")),
        progress=progress(row),
        url=row.text("url"),
        download_url=row.text("download_url"),
        streaming_url=row.text("streaming_url"),
        error=remote_error(row),
        created_at=row.moment("created_at"),
    )


def generation_page(answer: Json) -> GenerationPage:
    """The envelope with `page_info` and `data`."""
    rows = row_list(answer)
    items, skipped = parse_rows(rows, generation)
    page = Row(answer if isinstance(answer, dict) else {}).row("page_info")
    return GenerationPage(items, page.count("limit"), page.count("offset"), skipped)


def generation(row: Row) -> RemoteGeneration | None:
    """A history row."""
    id_ = row.text("id")
    if not id_:
        return None
    return RemoteGeneration(
        id=id_,
        type=row.text("type") or "",
        input=row.mapping("input"),
        status=normalise_status(row.text("status")),
        progress=progress(row),
        eta_s=row.count("eta_sec"),
        estimated_completion_at=row.moment("estimated_completion_at"),
        credit_cost=row.number("credit_cost"),
        batch_generation_id=row.text("batch_generation_id"),
        asset=asset(row.row("asset")),
        error=remote_error(row),
        created_at=row.moment("created_at"),
        url=row.text("url"),
        download_url=row.text("download_url"),
    )


def progress(row: Row) -> float:
    """0 to 1; the documentation's samples hold larger fillers."""
    return min(float(row.plain_number("progress") or 0), 1.0)


def remote_error(row: Row) -> RemoteError | None:
    """`error` and `error_message` are alternatives; older servers send only the second."""
    error = row.row("error")
    code, message = error.text("type", "code"), error.text("message") or row.text("error_message", "error")
    if not (code or message):
        return None
    return RemoteError(code=(code or "UNKNOWN").upper(), message=clean(message or ""))


def credit_balance(answer: Json) -> CreditBalance:
    """The pool of the one workspace in use, else the personal balance. Raises Unreadable without either.

    A workspace key spends from its pool, and from the pool's API wallet while that is funded. With
    several workspaces nothing says which one the key belongs to, so what is left is unknown.
    """
    row = as_row(answer)
    pools = row.rows_of("workspace_credit_pool")
    if len(pools) > 1:
        return CreditBalance(remaining=None, expiring=None, used=None)
    pool = pools[0] if pools else Row({})
    remaining = first_of(pool_credits(pool), row.integer("remaining"))
    if remaining is None:
        raise Unreadable("a balance without a number")
    return CreditBalance(
        remaining=remaining,
        expiring=row.count("expiring"),
        used=first_of(pool.integer("used"), row.integer("used")),
    )


def pool_credits(pool: Row) -> int | None:
    wallet = pool.integer("api_credits")
    return wallet if wallet and wallet > 0 else first_of(pool.integer("available"), wallet)


def first_of(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
