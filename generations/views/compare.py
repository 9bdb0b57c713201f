"""Takes side by side."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.comparing import FEWEST, MOST, Comparison
from generations.models import Generation
from hedra_studio.web import HtmxHttpRequest, number


@require_safe
def compare_takes(request: HtmxHttpRequest) -> HttpResponse:
    """Two to four takes of the asker's; one that isn't theirs, or is none, looks absent."""
    pks = list(dict.fromkeys(request.GET.getlist("take")))
    if not FEWEST <= len(pks) <= MOST:
        problem = "none" if not pks else "few" if len(pks) < FEWEST else "many"
        return render(request, "generations/compare.html", {"problem": problem, "count": len(pks)})
    return render(request, "generations/compare.html", {"comparison": Comparison(_takes(request, pks))})


def _takes(request: HtmxHttpRequest, pks: list[str]) -> list[Generation]:
    """In the order of the address."""
    wanted = _read(pks)
    found = Generation.objects.owned_by(request.user).in_full().in_bulk(wanted)
    if len(found) < len(wanted):
        raise Http404("no such take")
    return [found[pk] for pk in wanted]


def _read(pks: list[str]) -> list[int]:
    found = [pk for text in pks if (pk := number(text)) is not None]
    if len(found) < len(pks):
        raise Http404("no such take")
    return found
