"""What changed: the price diary of every service in use."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from catalog.models import Account
from catalog.pages.diary_pages import Asked, ChangesPage, last_syncs
from hedra_studio.web import HtmxHttpRequest, render_page


@require_safe
def changes(request: HtmxHttpRequest) -> HttpResponse:
    accounts = Account.objects.all_of_request(request)
    asked = Asked.from_query(request.GET, [account.service for account in accounts])
    page = ChangesPage(accounts, asked, request.GET.get("before", ""))
    context = {"page": page, "asked": asked, "syncs": last_syncs(accounts), "several": len(accounts) > 1}
    # Further entries are added to the list; anything else draws it anew.
    partial = "entries" if page.place else "results"
    return render_page(request, "catalog/changes.html", context, partial=partial)
