"""Sessions that are read together with their person, by one query: every page needs both, and open ones ask
all the time."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from .models import Session


class SessionStore(db.SessionStore):
    person: User | None = None
    """Whom the session was stored for; not yet verified."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        self.person = row.person if row else None
        return self.decode(row.session_data) if row else {}

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.person_id = data.get(SESSION_KEY)
        return row


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """Who signed in. Whoever isn't plainly still allowed in is left to Django's own, slower look."""
    session = cast(SessionStore, request.session)
    stored = session.get(HASH_SESSION_KEY, "")  # changes with the password
    person = session.person
    if person and person.is_active and constant_time_compare(stored, person.get_session_auth_hash()):
        return person
    return get_user(request)
