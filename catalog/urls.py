from django.urls import path

from catalog.views.catalog import catalog, catalog_prices, catalog_sync
from catalog.views.changes import changes
from catalog.views.compare import compare
from catalog.views.logos import logo
from catalog.views.model import model
from catalog.views.pins import pin
from catalog.views.voices import voice_preview, voices

urlpatterns = [
    path("catalog/", catalog, name="catalog"),
    path("catalog/sync/", catalog_sync, name="catalog_sync"),
    path("catalog/prices/", catalog_prices, name="catalog_prices"),
    path("catalog/models/<int:pk>/", model, name="model"),
    path("catalog/models/<int:pk>/pin/", pin, name="pin"),
    path("catalog/compare/", compare, name="compare"),
    path("catalog/changes/", changes, name="changes"),
    path("catalog/voices/", voices, name="voices"),
    path("catalog/voices/<int:pk>/preview/", voice_preview, name="voice_preview"),
    path("catalog/logos/<str:digest>/", logo, name="logo"),
]
