"""The trash, emptied before its time."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from generations import trash
from generations.models import Generation
from hedra_studio.web import HtmxHttpRequest

AT_ONCE = 50
"""So many takes' files are removed while a person waits; the worker removes the others within a day."""


@require_http_methods(["GET", "HEAD", "POST"])
def trash_empty(request: HtmxHttpRequest) -> HttpResponse:
    """Asks first: what is removed can't be brought back."""
    page = f"{reverse('gallery')}?state=trash"
    count = Generation.objects.in_trash_of(request.user).count()
    if not count:
        return redirect(page)
    if request.method != "POST":
        return render(request, "generations/trash_empty.html", {"count": count, "trash_url": page})
    ended = trash.end_now(request.user)
    trash.empty_trash(request.user, AT_ONCE)
    messages.success(request, f"The trash is empty: {ended} take{'' if ended == 1 else 's'} removed.")
    return redirect(page)
