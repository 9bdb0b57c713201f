"""What people think of a take: stars, keep or reject, notes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from generations.comparing import LETTERS
from generations.models import Generation, Note, Verdict
from generations.notes import NoteForm
from generations.views.take import as_on_screen, own_take, take_page
from hedra_studio.web import HtmxHttpRequest, back, recounted, wants_fragment

RATINGS = {"0", "1", "2", "3", "4", "5"}
VERDICTS = {"", *Verdict.values}


@require_POST
def take_rate(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """1 to 5 stars; 0 takes them off. In the review they leave it waiting for a verdict."""
    take, rating = own_take(request, pk), request.POST.get("rating")
    if rating not in RATINGS:
        return HttpResponseBadRequest("A rating is a number from 0 to 5. Nothing was changed.")
    if "in_review" in request.GET:
        return _starred(request, take, int(rating))
    return _judged(request, take, rating=int(rating))


def _starred(request: HtmxHttpRequest, take: Generation, rating: int) -> HttpResponse:
    take.give_stars(rating)
    if wants_fragment(request):
        return render(request, "generations/_judging.html", {"take": take, "in_review": True})
    return back(request, reverse("review"))


@require_POST
def take_verdict(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Keep or reject; "" takes it back."""
    take, verdict = own_take(request, pk), request.POST.get("verdict")
    if verdict not in VERDICTS:
        return HttpResponseBadRequest("A take is kept, rejected, or neither. Nothing was changed.")
    return _judged(request, take, verdict=verdict)


def _judged(request: HtmxHttpRequest, take: Generation, **opinion: Any) -> HttpResponse:
    take.judge(**opinion)
    if wants_fragment(request) and (letter := request.POST.get("letter")) in set(LETTERS):
        return render(request, "generations/_verdict.html", {"take": take, "letter": letter, "counts": True})
    if wants_fragment(request):
        context = {"take": take, "in_sheet": "in_sheet" in request.POST} | as_on_screen(request, take)
        return recounted(render(request, "generations/_judged.html", context))
    return back(request, take.get_absolute_url())


@require_POST
def take_note(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Add a note; what can't be one comes back with the words as they were typed."""
    take = own_take(request, pk)
    form = NoteForm(take, request.POST)
    if form.is_valid():
        form.save()
        return _noted(request, take)
    if wants_fragment(request):
        return render(request, "generations/_notes.html", {"take": take, "note_form": form}, status=422)
    return take_page(request, take, status=422, note_form=form)


@require_POST
def take_note_delete(request: HtmxHttpRequest, pk: int, note: int) -> HttpResponse:
    take = own_take(request, pk)
    get_object_or_404(Note, take=take, pk=note).delete()
    return _noted(request, take)


def _noted(request: HtmxHttpRequest, take: Generation) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "generations/_notes.html", {"take": take})
    return back(request, take.get_absolute_url())
