"""Models side by side."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from catalog.models import AIModel
from catalog.models.account import in_use
from catalog.pages.comparison import Comparison
from catalog.pages.criteria import MOST_COMPARED, Criteria
from hedra_studio.web import HtmxHttpRequest, render_page


@require_safe
def compare(request: HtmxHttpRequest) -> HttpResponse:
    criteria = Criteria.from_query(request.GET)
    models = _chosen(criteria.compare)
    only = request.GET.get("only") == "differences"
    comparison = Comparison(models, criteria, only_differences=only)
    waiting = comparison.pending
    if waiting:
        comparison.want()
    context = {
        "comparison": comparison,
        "waiting": waiting,
        "wish": criteria.wish,
        "catalog_url": comparison.criteria.url,
        "left_out": max(0, len(set(filter(str.isdecimal, request.GET.getlist("compare")))) - MOST_COMPARED),
        "most": MOST_COMPARED,
    }
    return render_page(request, "catalog/compare.html", context, partial="comparison")


def _chosen(pks: tuple[int, ...]) -> list[AIModel]:
    """In the order they were chosen. What doesn't exist, or belongs to a key not in use, is passed over."""
    if not pks:
        return []
    rows = AIModel.objects.filter(in_use("account__"), pk__in=pks).select_related("account", "logo")
    by_pk = {row.pk: row for row in rows.defer("raw")}
    return [by_pk[pk] for pk in pks if pk in by_pk]
