"""Logos of AI models: fetched once for each address, made into a picture of our own, and served as that."""

import hashlib

from django.db import models
from django.urls import reverse


class Logo(models.Model):
    """What came from one address. No file: not fetched yet, or `error` says why there is none."""

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the address")
    url = models.TextField()
    file = models.FileField(max_length=255, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.url

    @property
    def src(self) -> str:
        """Where our own copy is; "" while there is none."""
        return reverse("logo", args=[self.digest]) if self.file else ""


def digest_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
