"""Run as a process: make a studio's database, press Generate as often as asked, print the takes' keys."""

import json
import sys
from uuid import uuid4

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402

from catalog.mirror.sync import sync  # noqa: E402
from catalog.models import Account, AIModel  # noqa: E402
from generations.forms import ShotForm  # noqa: E402
from generations.history import import_history  # noqa: E402
from generations.models import Generation, Status  # noqa: E402
from generations.placing import place  # noqa: E402
from hedra_studio.middleware import local_owner  # noqa: E402
from tests.factories import png  # noqa: E402


def press() -> int:
    owner, model = local_owner(), AIModel.objects.current().get(name="Grok Video I2V")
    values = {
        "shot": str(uuid4()),
        "model": str(model.pk),
        "prompt": "A fox in the snow",
        "aspect_ratio": "16:9",
        "resolution": "480p",
        "duration_ms": "5000",
        "variations": "1",
    }
    colour = f"#{uuid4().hex[:6]}"  # another image each time, so that each take has an upload of its own
    files = {"start_frame_file": SimpleUploadedFile("fox.png", png(640, 360, colour), "image/png")}
    form = ShotForm(values, files, owner=owner, model=model)
    if not form.is_valid():
        sys.exit(str(form.errors))
    return place(form)[0].pk


def look_around() -> None:
    """The catalog, and the account's past: that is not what these tests are about, and counts as fetched."""
    sync(Account.objects.current())
    import_history(Account.objects.current(), local_owner())
    Generation.objects.filter(imported=True).update(status=Status.COMPLETE)


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    look_around()
    sys.stdout.write(json.dumps([press() for _ in range(int(sys.argv[1]))]))
