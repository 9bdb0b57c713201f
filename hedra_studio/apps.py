from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "hedra_studio"
    verbose_name = "Hedra Studio"
