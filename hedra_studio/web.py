"""What pages of both apps need of the web."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails


class HtmxHttpRequest(HttpRequest):
    """A request as views see it: behind the sign-in, so there always is a user."""

    user: User
    htmx: HtmxDetails


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; a boosted link or a restored history entry needs the whole page."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, partial: str, status: int = 200
) -> HttpResponse:
    """The page, or only its named partial when htmx asks for a part of it."""
    name = f"{template}#{partial}" if wants_fragment(request) else template
    response = render(request, name, context, status=status)
    # Both variants live at one address: without this a browser going back may show the part as the page.
    patch_vary_headers(response, ["HX-Request"])
    return response


def recounted(response: HttpResponse) -> HttpResponse:
    """Takes came or went, or ended: what counts them on the page asks for its figure."""
    return trigger_client_event(response, "counted")


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To the page that the form was on: the one it names, if that is one of ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe and target.startswith("/") else otherwise)


def number(text: str) -> int | None:
    """A row's number as an address or a form gives it; None for anything that no row can have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
