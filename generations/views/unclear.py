"""An order whose answer got lost where nothing can be looked up: what the person found decides."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clients.errors import NotFound, ServiceError
from generations.models import By
from generations.orders import unclear
from generations.views.take import own_take
from hedra_studio.web import HtmxHttpRequest


@require_POST
def take_ran(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """It ran, as this asset: once the service confirms that, the take goes on."""
    take = own_take(request, pk)
    if not take.is_unclear:
        return redirect(take)
    try:
        unclear.recognise(take, request.POST.get("asset_id", "").strip(), By.PERSON)
    except NotFound:
        messages.error(request, "Hoox doesn't know an asset with this id. Nothing was changed; check the id.")
    except ServiceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Found at Hoox. The take goes on from there.")
    return redirect(take)


@require_POST
def take_never_ran(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """It did not run: nothing was charged, and it can be ordered again."""
    take = own_take(request, pk)
    if take.never_ran():
        messages.success(request, "Noted that it never ran. Retry orders it anew.")
    return redirect(take)
