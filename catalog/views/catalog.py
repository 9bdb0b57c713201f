"""The list of models: priced for a shot, filtered, sorted, synced."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from catalog.mirror.sync import SyncReport, sync
from catalog.models import Account, Pin
from catalog.pages.criteria import Criteria
from catalog.pages.filters import CatalogFilters
from catalog.pages.learnt import learnt_by
from catalog.pages.shot_choices import shot_choices
from hedra_studio.web import HtmxHttpRequest, render_page, wants_fragment

PAGE = "catalog/list.html"


@require_safe
def catalog(request: HtmxHttpRequest) -> HttpResponse:
    criteria = Criteria.from_query(request.GET)
    filters = _filters(request, criteria)
    filters.asked.want()
    response = render_page(request, PAGE, _context(request, filters), partial="results")
    if not wants_fragment(request):
        return response
    # The form sends every field; the address holds only what differs from a first visit. The same view
    # asked for again, or the blank page looking again, is no step to go back to.
    moved = filters.total and criteria.url != request.htmx.current_url_abs_path
    return push_url(response, criteria.url if moved else False)


@require_safe
def catalog_prices(request: HtmxHttpRequest) -> HttpResponse:
    """The list again once the service has told a price that was `pending`; else nothing to draw."""
    filters = _filters(request, Criteria.from_query(request.GET))
    filters.asked.want()
    if str(filters.asked.pending) == request.GET.get("pending"):
        return HttpResponse(status=204)
    return render_page(request, PAGE, _context(request, filters), partial="results")


@require_POST
def catalog_sync(request: HtmxHttpRequest) -> HttpResponse:
    """Sync now. The address carries the page's query string, so that people keep their view."""
    criteria = Criteria.from_query(request.GET)
    reports = [(account, sync(account)) for account in Account.objects.all_of_request(request)]
    if wants_fragment(request):
        context = _context(request, _filters(request, criteria), reports)
        return render_page(request, PAGE, context, partial="results")
    for account, report in reports:
        if report.error:
            messages.error(request, f"The catalog could not be synced. {report.error}")
        else:
            messages.success(request, f"{account.label} synced: {report}.")
    return redirect(criteria.url)


def _filters(request: HtmxHttpRequest, criteria: Criteria) -> CatalogFilters:
    accounts = Account.objects.all_of_request(request)
    pins = set(Pin.objects.filter(owner=request.user).values_list("model_id", flat=True))
    return CatalogFilters(accounts, criteria, pins, learnt_by(request.user))


def _context(
    request: HtmxHttpRequest, filters: CatalogFilters, reports: Iterable[tuple[Account, SyncReport]] = ()
) -> dict[str, Any]:
    return {
        "fragment": wants_fragment(request),
        "filters": filters,
        "wish": filters.criteria.wish,
        "shot_choices": shot_choices(filters.criteria.wish),
        "accounts": filters.accounts,
        "several": len(filters.accounts) > 1,
        "names": " and ".join(account.label for account in filters.accounts),
        "in_trouble": any(account.sync_error for account in filters.accounts),
        "reports": reports,
        "empty_kind": _empty_kind(filters),
    }


def _empty_kind(filters: CatalogFilters) -> str | None:
    """Why the list is empty: "never" synced, all "filtered" out, or "none" on offer."""
    if filters.shown:
        return None
    if filters.total:
        return "filtered"
    return "none" if any(account.synced_at for account in filters.accounts) else "never"
