"""The studio's addresses and one that does nothing: what any answer costs."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [path("nothing/", nothing), path("", include("hedra_studio.urls"))]
