"""A checked form becomes takes: the intent is stored before anything leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from django.db import IntegrityError, transaction
from django.db.models import CharField
from django.utils import timezone

from . import requests
from .models import Asset, Generation, Input, Status
from .models.status import PATIENCE

if TYPE_CHECKING:
    from catalog.models import AIModel

    from .forms import ShotForm


def place(form: ShotForm) -> list[Generation]:
    """Store a row per variation, with its reserved ids. The same form sent twice is one shot.

    Each variation is a request of its own, so that it can fail, be looked up and be retried alone.
    Empty, with an error and a fresh id in the form, when the id was used for another shot."""
    takes = place_all([form])
    if not takes:
        form.begin_anew()
    return takes


def place_all(forms: Sequence[ShotForm]) -> list[Generation]:
    """Store the takes of all these shots or of none: they are one press of one button.

    Empty when an id of theirs was used for another shot."""
    try:
        with transaction.atomic():
            if not any(form.sent().exists() for form in forms):
                for form in forms:
                    _create(form)
    except IntegrityError:
        pass  # the other press of the same button was a moment faster
    takes = {form.cleaned_data["shot"]: list(form.sent()) for form in forms}
    placed = all(_are_of(form, takes[form.cleaned_data["shot"]]) for form in forms)
    return [take for each in takes.values() for take in each] if placed else []


def _are_of(form: ShotForm, takes: list[Generation]) -> bool:
    asked = fingerprint_of(form)
    return len(takes) == form.count and all(take.fingerprint == asked for take in takes)


def fingerprint_of(form: ShotForm) -> str:
    return requests.fingerprint(cast("AIModel", form.ai_model).account_id, form.body(), form.held)


def _create(form: ShotForm) -> None:
    rows = Generation.objects.bulk_create([_row(form, position) for position in range(form.count)])
    Input.objects.bulk_create(
        Input(generation=row, asset=asset, role=role, position=place)
        for row in rows
        for role, place, asset in form.held
    )
    Asset.objects.filter(pk__in={asset.pk for _, _, asset in form.held}).update(used=timezone.now())


def _row(form: ShotForm, position: int) -> Generation:
    quote, now, model = form.quote, timezone.now(), cast("AIModel", form.ai_model)
    return Generation(
        owner=form.owner,
        account_id=model.account_id,
        ai_model=model if model.pk else None,
        model_name=_fitted("model_name", model.name),
        shot=form.cleaned_data["shot"],
        position=position,
        type=model.request_type,
        prompt=form.values["prompt"],
        body=form.body(),
        fingerprint=fingerprint_of(form),
        aspect_ratio=_fitted("aspect_ratio", form.values.get("aspect_ratio") or ""),
        resolution=_fitted("resolution", form.priced.resolution),
        quoted=quote.credits,
        arithmetic=_fitted("arithmetic", quote.arithmetic),
        created=now,
        updated=now,
        deadline_at=now + PATIENCE[Status.PREPARING],
        **form.links,
    )


def _fitted(column: str, text: str) -> str:
    """Cut to what the column holds: services name things at any length, and PostgreSQL minds."""
    most = cast("CharField[str, str]", Generation._meta.get_field(column)).max_length or len(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"
