"""What services on the internet may ask of the studio without signing in: the address is the secret."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from generations import failures, tasks
from generations.models import REMOTE, By, Generation, News
from generations.orders import links, unclear
from hedra_studio.files import serve

LARGEST_NEWS_BYTES = 64 * 1024


@login_not_required
@require_safe
def shared_input(request: HttpRequest, signed: str, name: str) -> HttpResponseBase:
    """One input's file, for a day. Anything wrong with the link looks as if nothing had ever been there."""
    asset = links.shared_asset(signed)
    if asset is None:
        raise Http404("no such input")
    response = serve(request, asset.file, asset.content_type)
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt
@login_not_required
@require_POST
def hoox_hook(request: HttpRequest, token: str) -> HttpResponse:
    """Hoox says that an order has ended. It signs nothing, so nothing it says here is believed: the worker
    asks. What it says is stored before it is answered, for then it never calls again."""
    order = links.order_of(token)
    if order is None or not unclear.awaits_news(*order):
        raise Http404("no such order")
    if int(request.headers.get("Content-Length") or 0) > LARGEST_NEWS_BYTES:
        return HttpResponse(status=413)
    pk, remote_id = order
    known = Generation.objects.filter(pk=pk, remote_id=remote_id).exclude(service_id="")
    if take := known.first():
        _look_again(take)
    elif (asset_id := _asset_id(request.body)) and (news := News.objects.keep(pk, remote_id, asset_id)):
        tasks.hear(news.pk)
    return HttpResponse()


def _look_again(take: Generation) -> None:
    """What runs is due at once; what was given up while it might still run goes on. Nothing is ordered."""
    if take.error_code in failures.UNCERTAIN:
        take.retry(By.NEWS)
    Generation.objects.filter(pk=take.pk).in_status(REMOTE).update(next_attempt_at=timezone.now())


def _asset_id(body: bytes) -> str:
    """Which result the news is about, or ""."""
    try:
        news = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found = news.get("asset_id") if isinstance(news, dict) else None
    return str(found) if unclear.is_asset_id(found) else ""
