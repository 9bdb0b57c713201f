import contextlib
import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Q

from hedra_studio import prepared
from hedra_studio.children import Spec
from hedra_studio.instance import AFTER_KILL_S, only_instance, require_port
from hedra_studio.middleware import OWNER, local_owner
from hedra_studio.network import bracketed, reachable_at
from hedra_studio.refused import Refused
from hedra_studio.supervisor import STOP_GRACE_S, Signals, Supervisor

FIRST_CATALOG_S = 5.0
MANAGE = ".venv/bin/python manage.py"


class Command(BaseCommand):
    help = "Run the whole studio: pages, worker and, without a key, the sandbox. Ctrl-C stops it."

    def handle(self, *args: Any, **options: Any) -> None:
        with only_instance(settings.DATA_DIR) as after_kill, Signals() as signals:
            require_ports(AFTER_KILL_S if after_kill else 0.0)
            forget_cut_uploads(Path(settings.FILE_UPLOAD_TEMP_DIR))
            supervisor = Supervisor(settings.DATA_DIR / "logs", self.say, signals)
            try:
                supervisor.start(sandbox_specs())
                # Each migration is a transaction, and static files are collected anew unless all were.
                with signals.interrupting():
                    if self.prepare() and settings.SANDBOX:
                        supervisor.settle(FIRST_CATALOG_S)
                        first_catalog()
                supervisor.start([web_spec(), worker_spec()])
                supervisor.run(ready=self.announce)
            except KeyboardInterrupt:
                pass
            finally:
                supervisor.stop()

    def say(self, line: str) -> None:
        self.stderr.write(line)

    def prepare(self) -> bool:
        """Database and static files; whether the database is a new one, or newly migrated."""
        with prepared.refusing():
            migrated = prepared.servers()
            if settings.SOLO:
                local_owner()  # for whom the worker brings the history in, maybe before a page is asked for
            elif nobody_can_sign_in():
                self.say(how_to_sign_in())
        prepared.static_files()
        return migrated

    def announce(self) -> None:
        origin = f"http://{public_host()}:{settings.STUDIO_PORT}"
        if settings.HTTPS:
            origin = settings.CSRF_TRUSTED_ORIGINS[0]
        who = "one owner, no password" if settings.SOLO else "everyone signs in"
        said = f"{services_in_words()}; {who}"
        self.stdout.write(f"Hedra Studio is ready at {origin}/ ({said}). Ctrl-C stops it.")
        self.stdout.flush()


def require_ports(patience_s: float) -> None:
    require_port("STUDIO_PORT", settings.STUDIO_HOST, settings.STUDIO_PORT, patience_s)
    if settings.SANDBOX:
        if settings.SANDBOX_PORT == settings.STUDIO_PORT:
            raise Refused(f"STUDIO_PORT and SANDBOX_PORT are both {settings.STUDIO_PORT}; they must differ")
        require_port("SANDBOX_PORT", "127.0.0.1", settings.SANDBOX_PORT, patience_s)


def forget_cut_uploads(folder: Path) -> None:
    """What a killed process was still receiving. Downloads (*.part) stay: they are resumed."""
    for left in folder.glob("tmp*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)


def first_catalog() -> None:
    """So that the very first page shows models. When it fails, the worker tries again."""
    with contextlib.suppress(CommandError):
        call_command("sync_catalog", stdout=io.StringIO(), verbosity=0)
    connection.close()


def nobody_can_sign_in() -> bool:
    unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return not User.objects.filter(is_active=True).exclude(unusable).exists()


def how_to_sign_in() -> str:
    hint = f"Nobody can sign in yet. Make a user with `{MANAGE} createsuperuser`"
    if User.objects.filter(username=OWNER).exists():
        hint += f", or let the owner of the takes so far in with `{MANAGE} changepassword {OWNER}`"
    return f"{hint}."


def public_host() -> str:
    """A name under which the studio answers."""
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    bound = bracketed(settings.STUDIO_HOST)
    return bound if settings.SOLO or bound in settings.ALLOWED_HOSTS or name == "*" else name


def web_spec() -> Spec:
    """Ready as soon as it answers: database and folders were seen to before it was started."""
    address = f"http://{reachable_at(settings.STUDIO_HOST)}:{settings.STUDIO_PORT}/healthz"
    return Spec("web", _manage("serve"), ready_url=address, ready_host=public_host())


def worker_spec() -> Spec:
    return Spec("worker", [*_manage("run_worker"), "--grace", str(STOP_GRACE_S / 2)])


def sandbox_specs() -> list[Spec]:
    if not settings.SANDBOX:
        return []
    options = {
        "--port": settings.SANDBOX_PORT,
        "--speed": settings.SANDBOX_SPEED,
        "--state": settings.DATA_DIR / "sandbox",
        "--parent-pid": os.getpid(),
    }
    command = [sys.executable, "-m", "sandbox", *(str(part) for option in options.items() for part in option)]
    return [Spec("sandbox", command, ready_url=f"http://127.0.0.1:{settings.SANDBOX_PORT}/sandbox/ready")]


def services_in_words() -> str:
    """Who answers: "Hedra and Hoox", or that the sandbox stands in."""
    keys = {"Hedra": not settings.SANDBOX, "Hoox": settings.HOOX_KEY and not settings.HOOX_SANDBOX}
    real = " and ".join(name for name, key in keys.items() if key)
    if not settings.SANDBOX:
        return real
    stands_in = f"the sandbox stands in for {'Hedra' if real else 'Hedra and Hoox'}, nothing costs money"
    return f"{real}; {stands_in}" if real else stands_in


def _manage(command: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), command]
