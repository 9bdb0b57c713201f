"""Who is asking: one local owner in solo mode, people who signed in elsewhere."""

import ipaddress
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect

from hedra_studio.sessions import person_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
OWNER = "owner"
MEGABYTE = 1024 * 1024
MOST_OF_STRANGERS = MEGABYTE
"""In bytes: all that is sent before the sign-in is its form, and news of orders."""
MOST_SENT = 4096 * MEGABYTE + MEGABYTE
"""A form without script brings its files along: up to four of the largest videos."""
# Set by proxies: whoever comes through one is not known to be on this machine.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def local_owner() -> User:
    """The one user of solo mode, made on demand. Without a usable password nobody can sign in as it."""
    owner = User.objects.filter(username=OWNER).first()
    if owner is None:
        owner, made = User.objects.get_or_create(username=OWNER)
        if made:
            owner.set_unusable_password()
            owner.save(update_fields=["password"])
    return owner


def known_person(get_response: GetResponse) -> GetResponse:
    """Whoever signed in. In solo mode, whoever sits at this machine is the owner; no password, no session."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.SOLO and not _is_local(request):
            return HttpResponseForbidden(
                "This studio answers its own machine only. To open it to others, set ALLOWED_HOSTS.",
                content_type="text/plain",
            )
        who = local_owner if settings.SOLO else partial(person_of, request)
        request.user = SimpleLazyObject(who)  # type: ignore[assignment]
        return get_response(request)

    return middleware


def _is_local(request: HttpRequest) -> bool:
    if any(header in request.META for header in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def bounded_bodies(get_response: GetResponse) -> GetResponse:
    """Refuse a body before a byte of it is received: the check of forms reads it ahead of the sign-in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        size = request.META.get("CONTENT_LENGTH") or "0"
        length = int(size) if size.isascii() and size.isdecimal() and len(size) < 19 else 0
        if length > MOST_SENT:
            return HttpResponse("This is more than the studio takes at once.", status=413)
        if length > MOST_OF_STRANGERS and not request.user.is_authenticated:
            return HttpResponseForbidden("Sign in first: this is more than the studio takes of strangers.")
        return get_response(request)

    return middleware


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page needs a user, unless its view is marked `login_not_required`."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """An open page doesn't ask who comes: /healthz answers while the database is away."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        response = super().handle_no_permission(request, view_func)
        if request.htmx:  # type: ignore[attr-defined]
            # A redirect would be followed in place and put the sign-in form into a part of the page.
            return HttpResponseClientRedirect(response["Location"])
        return response


def private_pages(get_response: GetResponse) -> GetResponse:
    """Pages are one person's and change: asked for anew, yet not `no-store`, which kills going back."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return middleware
