"""Sessions that are read together with their person, by one query: every page needs both, and open ones ask
all the time."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
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
    known = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    person = session.person
    if known and person and person.is_active and _is_of(session, person):
        return person
    return get_user(request)


def _is_of(session: SessionStore, person: User) -> bool:
    """The hash changes with the password."""
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())
