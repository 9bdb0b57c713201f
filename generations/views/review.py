"""The review inbox: unseen takes one by one, kept or rejected, with a way back."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import replace_url

from generations.gallery.inbox import Inbox, Sitting
from generations.models import Generation, Verdict
from generations.views.take import own_take
from hedra_studio.web import HtmxHttpRequest, number, render_page, wants_fragment


@require_safe
def _shown(request: HtmxHttpRequest) -> HttpResponse:
    return _show(request, Sitting.of(request.GET.dict()))


@require_POST
def _judged(request: HtmxHttpRequest) -> HttpResponse:
    """Keep or reject the take; then comes the next."""
    pk, verdict = number(request.POST.get("pk", "")), request.POST.get("verdict", "")
    if verdict not in Verdict.values or pk is None:
        return HttpResponseBadRequest("A take is kept or rejected. Nothing was changed.")
    take = own_take(request, pk)
    sitting = Sitting.of(request.POST.dict()).judged(take, was=take.verdict)
    take.judge(verdict=verdict)
    return _go_on(request, sitting, "Kept" if verdict == Verdict.KEEP else "Rejected")


def review(request: HtmxHttpRequest) -> HttpResponse:
    return _judged(request) if request.method == "POST" else _shown(request)


@require_POST
def review_undo(request: HtmxHttpRequest) -> HttpResponse:
    """The last judgement of the sitting is taken back: the take is unseen again, with the verdict it had."""
    sitting = Sitting.of(request.POST.dict())
    if sitting.steps:
        step = sitting.steps[-1]
        for take in Generation.objects.owned_by(request.user).filter(pk=step.pk):
            take.judge(verdict=step.was, unseen=True)
    return _go_on(request, sitting.undone(), "Undone")


def _go_on(request: HtmxHttpRequest, sitting: Sitting, said: str) -> HttpResponse:
    return _show(request, sitting, said) if wants_fragment(request) else redirect(sitting.url)


def _show(request: HtmxHttpRequest, sitting: Sitting, said: str = "") -> HttpResponse:
    """What is left of the sitting: the address follows it, so that a reload goes on where it was."""
    context = {"inbox": Inbox(request.user, sitting), "sitting": sitting, "said": said}
    response = render_page(request, "generations/review.html", context, partial="desk")
    return replace_url(response, sitting.url) if wants_fragment(request) else response
