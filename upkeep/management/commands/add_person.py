import getpass
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

ASKED = "Password: ", "Once more: "


class Command(BaseCommand):
    help = (
        "Let another person sign in, who sees no takes, inputs and spending but their own. Asks for a"
        " password, or reads it from a line of the standard input. An administrator, who sees everybody's"
        " spending with its prompts, sets caps and imports the history, is made by createsuperuser."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="that the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User(username=options["name"])
        try:
            person.full_clean(exclude=["password"])
            password = asked_password()
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        person.set_password(password)
        person.save()
        self.stdout.write(f"{person.username} can sign in.")
        if settings.SOLO:
            self.stdout.write(
                "Nobody is asked to, as long as the studio answers its own machine only: set ALLOWED_HOSTS to"
                " the name that people will type."
            )


def asked_password() -> str:
    """Raises CommandError where the two differ, or none is given."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        first, again = map(getpass.getpass, ASKED)
    except EOFError:
        raise CommandError("No password was given. Nobody was added.") from None
    if first != again:
        raise CommandError("The two passwords differ. Nobody was added.")
    return first
