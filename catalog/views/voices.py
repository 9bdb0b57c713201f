"""The voices on offer, and their previews."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from catalog.mirror.voice_previews import NoPreview, ensure_copy
from catalog.models import Account, Voice
from catalog.pages.voice_filters import VoiceCriteria, VoiceFilters
from hedra_studio.files import serve
from hedra_studio.web import HtmxHttpRequest, render_page, wants_fragment


@require_safe
def voices(request: HtmxHttpRequest) -> HttpResponse:
    account = Account.objects.of_request(request)
    offered = Voice.objects.current()
    filters = VoiceFilters(offered, VoiceCriteria.from_query(request.GET))
    context = {
        "account": account,
        "filters": filters,
        "empty_kind": _empty_kind(account, filters),
    }
    response = render_page(request, "catalog/voices.html", context, partial="results")
    if not wants_fragment(request):
        return response
    # The same view asked for again, or the blank page looking again, is no step to go back to.
    moved = filters.total and filters.criteria.url != request.htmx.current_url_abs_path
    return push_url(response, filters.criteria.url if moved else False)


@require_safe
def voice_preview(request: HtmxHttpRequest, pk: int) -> HttpResponseBase:
    """Our copy, made when it is first asked for; else 502 with a sentence that says what is wrong."""
    voice = get_object_or_404(Voice.objects.current().select_related("account"), pk=pk)
    try:
        ensure_copy(voice)
    except NoPreview as error:
        refusal = HttpResponse(str(error), status=502, content_type="text/plain; charset=utf-8")
        refusal["Cache-Control"] = "no-store"
        return refusal
    return serve(request, voice.preview, voice.preview_type)


def _empty_kind(account: Account, filters: VoiceFilters) -> str | None:
    """Why the list is empty: "never" read, all "filtered" out, or "none" on offer."""
    if filters.shown:
        return None
    if filters.total:
        return "filtered"
    return "none" if account.voices_synced_at else "never"
