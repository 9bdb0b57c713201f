"""Around the price: from which amount on the studio asks, and what fits the balance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from generations import choosing
from generations.fits import Fitting, what_fits
from generations.forms import ShotForm
from generations.keeping import PARTS, all_of
from generations.models.words import LONGEST_IN_URL
from generations.purse import PurseForm
from hedra_studio.web import HtmxHttpRequest, render_page, wants_fragment

PAGE = "generations/purse.html"
_WORDS = ("prompt", "shot_prompt", "shot_seconds", "name")
"""They are in an address as long as that is short enough for every server on its way."""


@require_http_methods(["GET", "HEAD", "POST"])
def purse(request: HtmxHttpRequest) -> HttpResponse:
    """Choose the amount. Without script it opens beside the shot, which stays as it was typed."""
    form = PurseForm(request.POST if request.method == "POST" else None, owner=request.user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render_page(request, PAGE, {"purse": form, "open": True}, partial="purse", status=status)
    form.save()
    if wants_fragment(request):
        fresh = PurseForm(owner=request.user)
        return render(request, f"{PAGE}#purse", {"purse": fresh, "open": True, "saved": True})
    messages.success(request, "Saved. It holds from the next press on.")
    return redirect("purse")


@dataclass(frozen=True)
class Offer:
    """Something that fits, as a link to the shot with it."""

    fitting: Fitting
    url: str
    changed: str
    """The values to lay over the form on the page, as JSON."""


def offers(form: ShotForm) -> list[Offer]:
    """What the balance pays for, while it is short of what is asked."""
    if not form.missing or form.balance is None:
        return []
    values = dict(_values(form))
    return [_offer(values, fitting) for fitting in what_fits(form, choosing.usable_models(), form.balance)]


def _offer(values: dict[str, list[str]], fitting: Fitting) -> Offer:
    changed = {"model": fitting.model.form_key, **fitting.values}
    query = urlencode(values | {name: [value] for name, value in changed.items()}, doseq=True)
    # "make" has the whole form drawn anew: the model may be another.
    return Offer(fitting, f"{reverse('create')}?{query}", json.dumps({"make": "", **changed}))


def _values(form: ShotForm) -> Iterator[tuple[str, list[str]]]:
    """The form as it stands, as the query of its page."""
    given: Any = form.data if form.is_bound else form.initial
    names = [name for name in form.fields if name not in ("shot", "seen_price", "speech_text")]
    single = {name: [_text(form[name].value())] for name in names}
    parts = {name: all_of(given, name) for name in PARTS}
    held = {slot.field_name: [str(asset.pk) for asset in slot.assets] for slot in form.slots}
    found = {name: values for name, values in (single | parts | held).items() if any(values)}
    words = sum(len(text) for name in _WORDS for text in found.get(name, []))
    for name, values in found.items():
        if name not in _WORDS or words < LONGEST_IN_URL:
            yield name, values


def _text(value: Any) -> str:
    return "on" if value is True else str(value or "")
