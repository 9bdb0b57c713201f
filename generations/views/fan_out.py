"""One shot for several models: the list of them with its total, and the press of its button."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID, uuid4

from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import AIModel
from generations import choosing, tasks
from generations.drafts import NotKept, keep, opened
from generations.fan_out import FanOut, cap_of, read_cap
from generations.forms import ShotForm
from generations.gallery.poll import Poll
from generations.keeping import all_of, last_of
from generations.models import Generation, Purse
from generations.views.create import LATEST
from hedra_studio.web import HtmxHttpRequest, wants_fragment

PAGE = "generations/several.html"
PART = "generations/_fan_out.html"
_OWN = {"shot", "several", "cap", "seen_total", "seen_price", "alone", "open"}
"""Of the list itself, or new with every page."""


@require_http_methods(["GET", "HEAD", "POST"])
def several(request: HtmxHttpRequest) -> HttpResponse:
    """The models that can make the shot, each with its price; `close` puts the list away again."""
    if "close" in request.POST:
        return render(request, PART)
    if wants_fragment(request) and not {"open", "several"} & request.POST.keys():
        return HttpResponse(status=204)  # asked for by a list that has been put away in the meantime
    posted = request.method == "POST"
    return _show(
        request, _fan_out(request, request.POST if posted else opened(request.GET, request.user).values)
    )


@require_POST
def several_order(request: HtmxHttpRequest) -> HttpResponse:
    fan, shot = _fan_out(request, request.POST), shot_of(request)
    takes = fan.order(shot, request.POST.get("seen_total", ""), request.POST.get("sure", ""))
    if not takes:
        return _show(request, fan, status=422)
    tasks.wake([take.pk for take in takes])
    compare_url = f"{reverse('gallery')}?fan_out={shot}"
    return _ordered(request, fan, takes, compare_url) if wants_fragment(request) else redirect(compare_url)


def _fan_out(request: HtmxHttpRequest, values: QueryDict) -> FanOut:
    models = choosing.usable_models()
    model = choosing.chosen(models, values)
    kept, errors = with_files(request, values, model)
    keep_draft(request, kept)
    base = ShotForm.shown(kept, owner=request.user, model=model)
    # Opened for the first time, it offers the model that the form is on.
    keys = values.getlist("several") if "several" in values else [model.form_key if model else ""]
    fan = FanOut(base, models, [key for key in keys if key], _cap(request, values))
    fan.problems = errors
    return fan


def with_files(
    request: HtmxHttpRequest, values: QueryDict, model: AIModel | None
) -> tuple[QueryDict, list[str]]:
    """Without script the files come with the form: they are kept, and named by what is stored of them."""
    if not request.FILES:
        return values, []
    form = ShotForm(values, request.FILES, owner=request.user, model=model)
    form.full_clean()
    kept = form.query.copy()
    for slot in form.slots:
        kept.setlist(slot.field_name, [str(asset.pk) for asset in slot.assets])
    return kept, [error for slot in form.slots for error in slot.errors]


def keep_draft(request: HtmxHttpRequest, values: QueryDict) -> None:
    """Without script nothing else has stored it on the way here."""
    if request.method == "POST" and not wants_fragment(request):
        with suppress(NotKept):
            keep(request.user, values)


def _cap(request: HtmxHttpRequest, values: QueryDict) -> int | None:
    """What is typed beside the total is what the person wants from now on."""
    purse = Purse.objects.filter(owner=request.user).first()
    if "cap" not in values:
        return cap_of(purse)
    cap = read_cap(last_of(values, "cap"))
    if cap and cap != cap_of(purse) and request.method == "POST":
        Purse.objects.update_or_create(owner=request.user, defaults={"fan_out_cap": cap})
    return cap


def shot_of(request: HtmxHttpRequest) -> UUID:
    """The id that the form was given when it was drawn."""
    try:
        return UUID(request.POST.get("shot", ""))
    except ValueError as error:
        raise BadRequest("a form without its id") from error


def _show(request: HtmxHttpRequest, fan: FanOut, status: int = 200) -> HttpResponse:
    fan.want_prices()
    context = {
        "fan": fan,
        "form": fan.base,
        "cap_typed": request.POST.get("cap", fan.cap),
        # An id that was used once is of no use for another order.
        "shot": uuid4() if status == 422 and not fan.is_unsent else request.POST.get("shot", uuid4()),
        "carried": _carried(fan),
        "create_url": reverse("create"),
        "in_place": "alone" not in request.POST and wants_fragment(request),
    }
    return render(request, PART if wants_fragment(request) else PAGE, context, status=status)


def _carried(fan: FanOut) -> list[tuple[str, str]]:
    """The shot as hidden fields, for the page that has no form of its own around the list."""
    values = fan.base.initial
    pairs = [(name, value) for name in values if name not in _OWN for value in all_of(values, name)]
    return [(name, {"False": "", "True": "1"}.get(value, value)) for name, value in pairs]


def _ordered(
    request: HtmxHttpRequest, fan: FanOut, takes: list[Generation], compare_url: str
) -> HttpResponse:
    """The list put away, its takes on top of the latest, and an id for the next shot."""
    mine = Generation.objects.owned_by(request.user)
    latest = mine.newest_first()[: max(LATEST, len(takes))].drawn()
    context = {
        "takes": latest,
        "ordered": len(takes),
        "file_fields": fan.file_fields,
        "compare_url": compare_url,
        "shot": uuid4(),
        "running_count": mine.running().count(),
        "poll": Poll(latest),
    }
    return render(request, f"{PART}#ordered", context)
