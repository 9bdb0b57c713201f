from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "generations"

    def ready(self) -> None:
        from catalog.pages import learnt
        from generations import learning  # it reads models

        learnt.ask(learning.told)
