"""Run as a process of the studio: do what the arguments say, print the last answer."""

import json
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from catalog.mirror.sync import sync  # noqa: E402
from catalog.models import Account, AIModel  # noqa: E402
from generations import caps, tasks  # noqa: E402
from generations.history import import_history  # noqa: E402
from generations.models import Cap, Generation, Status  # noqa: E402
from hedra_studio.middleware import local_owner  # noqa: E402


def prepare() -> int:
    """A database with the catalog and the balance; the model's key."""
    call_command("migrate", verbosity=0)
    account = Account.objects.current()
    sync(account)
    account.refresh_balance(max_age_s=0)
    return AIModel.objects.current().get(name="Grok Video T2V").pk


def cap() -> None:
    """Of four takes and a few credits more, besides what the account's past has cost today: whether its
    latest takes are of today depends on the hour, and a worker brings them in."""
    account = Account.objects.current()
    import_history(account, local_owner())
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    Cap.objects.create(account=account, daily=160 + int(caps.used_since(account, midnight)))


def order() -> None:
    """Send every order that waits."""
    while Generation.objects.in_status((Status.PREPARING, Status.SUBMITTING)).exists():
        tasks.drain()


def tell() -> list[dict[str, Any]]:
    takes = Generation.objects.filter(imported=False).order_by("pk")
    return list(takes.values("status", "error_code", "prompt"))


if __name__ == "__main__":
    actions = {"prepare": prepare, "cap": cap, "order": order, "tell": tell}
    answers = [actions[name]() for name in sys.argv[1:]]
    sys.stdout.write(json.dumps(answers[-1]))
