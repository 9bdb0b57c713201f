"""Run as a process of the studio: do what the arguments say (migrate, sync, tell), print the last answer."""

import json
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from catalog.mirror.sync import sync  # noqa: E402
from catalog.models import Account, AIModel, Change  # noqa: E402


def migrate() -> None:
    call_command("migrate", verbosity=0)


def sync_once() -> str:
    return str(sync(Account.objects.current()))


def tell() -> dict[str, Any]:
    """Everything that the catalog and its diary hold."""
    entries = Change.objects.order_by("pk").values_list(
        "model__name", "kind", "credits_before", "credits_after"
    )
    return {
        "models": list(AIModel.objects.order_by("name").values_list("name", "slug")),
        "offered": {model.name: model.rate_words for model in AIModel.objects.current()},
        "diary": [[name, kind, _whole(before), _whole(after)] for name, kind, before, after in entries],
    }


def _whole(credits: Any) -> int | None:
    return None if credits is None else int(credits)


if __name__ == "__main__":
    actions = {"migrate": migrate, "sync": sync_once, "tell": tell}
    answers = [actions[name]() for name in sys.argv[1:]]
    sys.stdout.write(json.dumps(answers[-1]))
