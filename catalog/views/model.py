"""One AI model: everything known of it, what its choices cost, and how its price went."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.mirror.diary import usual_credits
from catalog.models import AIModel, Pin
from catalog.pages.comparison import Comparison
from catalog.pages.criteria import MOST_COMPARED, Criteria
from catalog.pages.facts import sections
from catalog.pages.offers import Offer
from catalog.prices.charts import TELLING, PriceChart, price_chart
from catalog.prices.price_table import PriceTable
from hedra_studio.web import HtmxHttpRequest, render_page, wants_fragment

MOST_CHARTED = 200
"""So many prices are drawn, the latest."""
CHANGES_SHOWN = 10


@require_safe
def model(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Retired models and those of another key have their page too: takes hang on them."""
    criteria = Criteria.from_query(request.GET)
    rows = AIModel.objects.select_related("account", "logo").defer("raw")
    offer = Offer(get_object_or_404(rows, pk=pk), criteria.shot)
    table = PriceTable(offer.model, offer.shot, is_wanted=not offer.cannot)
    offer.each = table.quote
    waiting = table.pending if offer.offered else 0
    if waiting:
        table.want()
    context = {
        "model": offer.model,
        "offer": offer,
        "table": table,
        "waiting": waiting,
        "wish": criteria.wish,
    }
    if not wants_fragment(request):
        context |= _whole_page(request, offer, criteria)
    return render_page(request, "catalog/model.html", context, partial="prices")


def _whole_page(request: HtmxHttpRequest, offer: Offer, criteria: Criteria) -> dict[str, Any]:
    model = offer.model
    return {
        "sections": sections(model),
        "pinned": Pin.objects.filter(owner=request.user, model=model).exists(),
        "compare_url": _compare_url(model, criteria),
        "catalog_url": criteria.url,
        **_diary(model),
    }


def _diary(model: AIModel) -> dict[str, Any]:
    changes = list(model.changes.newest_first()[: CHANGES_SHOWN + 1])
    return {
        "chart": _chart(model),
        "changes": changes[:CHANGES_SHOWN],
        "has_more_changes": len(changes) > CHANGES_SHOWN,
        "changes_url": f"{reverse('changes')}?{urlencode({'q': model.name})}",
    }


def _chart(model: AIModel) -> PriceChart:
    """Begins when the model was first seen, or at the oldest price that is drawn of too many."""
    telling = list(model.changes.filter(kind__in=TELLING).newest_first()[: MOST_CHARTED + 1])
    drawn = telling[:MOST_CHARTED]
    begin = drawn[-1].at if len(telling) > len(drawn) else model.first_seen
    return price_chart(drawn, begin, timezone.now(), usual_credits(model), model.retired_at)


def _compare_url(model: AIModel, criteria: Criteria) -> str:
    """Beside those already chosen; where they are too many, in place of the last."""
    chosen = criteria.compare
    if model.pk not in chosen:
        chosen = (*chosen[: MOST_COMPARED - 1], model.pk)
    return Comparison.url_of(replace(criteria, compare=chosen))
