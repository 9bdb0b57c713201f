"""Logos of AI models: fetched once for each address, made into a picture of our own, and served as that."""

import hashlib

from django.db import models
from django.urls import reverse
from django.utils import timezone


class Logo(models.Model):
    """What came from one address. No file: not fetched yet, or `error` says why there is none.

    A picture that came once stays while its address fails.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the address")
    url = models.TextField()
    file = models.FileField(max_length=255, blank=True)
    is_light = models.BooleanField(default=False, help_text="drawn in light ink: needs a dark ground")
    fetched_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=timezone.now, help_text="when it is fetched next")
    failures = models.PositiveSmallIntegerField(default=0, help_text="since it last came")
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.url

    @property
    def src(self) -> str:
        """Where our own copy is; "" while there is none. Another picture has another address."""
        if not self.file:
            return ""
        return f"{reverse('logo', args=[self.digest])}?v={version_of(self.file.name or '')}"


def digest_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def file_name(digest: str, picture: bytes) -> str:
    """Each row has files of its own, so that nobody else's are removed with it."""
    return f"logos/{digest[:32]}-{hashlib.sha256(picture).hexdigest()[:16]}.png"


def version_of(name: str) -> str:
    return name.rpartition("-")[2].partition(".")[0]
