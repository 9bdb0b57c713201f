from django.urls import path

from catalog import views

urlpatterns = [
    path("catalog/", views.catalog, name="catalog"),
    path("catalog/sync/", views.catalog_sync, name="catalog_sync"),
]
