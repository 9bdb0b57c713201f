from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hedra_studio import health


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("gallery")


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The sheet of keys as a page of its own."""
    return render(request, "keys.html")


@require_safe
@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process lives. It asks nobody, so that no trouble elsewhere gets it restarted."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@login_not_required
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Pages can be served; else 503 and a word for each part that fails."""
    failing = health.failing()
    words = "".join(f"{word}\n" for word in failing or ["ok"])
    return HttpResponse(words, content_type="text/plain", status=503 if failing else 200)
