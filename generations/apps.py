from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GenerationsConfig(AppConfig):
    name = "generations"

    def ready(self) -> None:
        from catalog.pages import learnt
        from generations import learning  # it reads models

        learnt.ask(learning.told)
        post_migrate.connect(_keep_index, sender=self)


def _keep_index(using: str, **_: Any) -> None:
    from .models.take_index import install

    install(using)
