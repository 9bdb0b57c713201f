"""Who signed in: Django's session, which knows its person."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models


class SessionManager(BaseSessionManager["Session"]):
    def get_queryset(self) -> models.QuerySet[Session]:
        """Each with its person, for nobody asks for one without the other."""
        return super().get_queryset().select_related("person")


class Session(AbstractBaseSession):
    # Held to nothing by the database: Django takes what that refuses for a key that is in use, and tries on.
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_constraint=False)
    """None before the sign-in."""
    objects: ClassVar[SessionManager] = SessionManager()

    @classmethod
    def get_session_store_class(cls) -> Any:
        from .sessions import SessionStore

        return SessionStore
