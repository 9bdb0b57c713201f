from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from catalog.filters import CatalogFilters, Criteria
from catalog.models import Account, AIModel
from catalog.sync import SyncReport, sync
from hedra_studio.web import HtmxHttpRequest, render_page, wants_fragment


@require_safe
def catalog(request: HtmxHttpRequest) -> HttpResponse:
    criteria = Criteria.from_query(request.GET)
    context = _listing(Account.objects.of_request(request), criteria)
    context["fragment"] = wants_fragment(request)
    response = render_page(request, "catalog/list.html", context, partial="results")
    if not context["fragment"]:
        return response
    # The form sends every field; the address holds only what differs from a first visit. The same view
    # asked for again, or the blank page looking again, is no step to go back to.
    moved = context["empty_kind"] != "never" and criteria.url != request.htmx.current_url_abs_path
    return push_url(response, criteria.url if moved else False)


@require_POST
def catalog_sync(request: HttpRequest) -> HttpResponse:
    """Sync now. The address carries the page's query string, so that people keep their view."""
    account, criteria = Account.objects.of_request(request), Criteria.from_query(request.GET)
    report = sync(account)
    if wants_fragment(request):
        context = _listing(account, criteria, report)
        return render_page(request, "catalog/list.html", context, partial="results")
    if report.error:
        messages.error(request, f"The catalog could not be synced. {report.error}")
    else:
        messages.success(request, f"Catalog synced: {report}.")
    return redirect(criteria.url)


def _listing(account: Account, criteria: Criteria, report: SyncReport | None = None) -> dict[str, Any]:
    models = AIModel.objects.current().select_related("account", "logo").in_service_order().defer("raw")
    filters = CatalogFilters(list(models), criteria)
    return {
        "account": account,
        "synced_at": account.synced_at,
        "sync_error": account.sync_error,
        "report": report,
        "filters": filters,
        "models": filters.models,
        "total": filters.total,
        "shown": len(filters.models),
        "shot_s": filters.seconds,
        "empty_kind": _empty_kind(account, filters),
    }


def _empty_kind(account: Account, filters: CatalogFilters) -> str | None:
    """Why the list is empty: "never" synced, all "filtered" out, or "none" on offer."""
    if filters.models:
        return None
    if filters.total:
        return "filtered"
    return "none" if account.synced_at else "never"
