"""Run as a process: make a studio's database, order pictures at Hoox as often as asked, print the keys."""

import json
import sys
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from catalog.mirror.sync import sync  # noqa: E402
from catalog.models import Account, AIModel  # noqa: E402
from catalog.services import HOOX  # noqa: E402
from generations.history import import_history  # noqa: E402
from generations.models import Generation, Status  # noqa: E402
from generations.models.status import schedule  # noqa: E402
from generations.orders import hoox  # noqa: E402
from hedra_studio.middleware import local_owner  # noqa: E402


def press(account: Account) -> int:
    model = AIModel.objects.get(account=account, slug="z-image-turbo")
    take = Generation.objects.create(
        owner=local_owner(),
        account=account,
        ai_model=model,
        model_name=model.name,
        type=model.type,
        shot=uuid4(),
        body=hoox.body(model, {"prompt": "A fox in the snow"}),
        **schedule(Status.PREPARING),  # type: ignore[arg-type]
    )
    return take.pk


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    hedra, here = Account.objects.current(), Account.objects.current(HOOX)
    sync(hedra)
    sync(here)
    import_history(hedra, local_owner())
    # That account's past is not what these tests are about: it counts as fetched.
    Generation.objects.filter(imported=True).update(status=Status.COMPLETE)
    sys.stdout.write(json.dumps([press(here) for _ in range(int(sys.argv[1]))]))
