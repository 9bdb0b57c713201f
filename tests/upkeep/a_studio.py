"""Run as a process: a database with a finished take, one about to be ordered at each service, and a file."""

import django

django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402

from catalog.models import Account  # noqa: E402
from generations.models import Status  # noqa: E402
from hedra_studio.middleware import local_owner  # noqa: E402
from tests.factories import make_take  # noqa: E402


def make() -> None:
    owner, hedra = local_owner(), Account.objects.current()
    hoox = Account.objects.create(service="hoox", fingerprint="x")
    make_take(owner, result=default_storage.save("takes/1.mp4", ContentFile(b"clip")))
    for account in (hedra, hoox):
        make_take(owner, account=account, status=Status.PREPARING, charged=None)


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    make()
