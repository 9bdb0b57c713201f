"""How much may be spent at an account: chosen for the whole studio, held by every order."""

from __future__ import annotations

from django.db import models

from catalog.models import Account


class Cap(models.Model):
    account = models.OneToOneField(Account, models.CASCADE, related_name="cap")
    daily = models.PositiveIntegerField(null=True, blank=True, help_text="credits; null = no cap")
    monthly = models.PositiveIntegerField(null=True, blank=True, help_text="credits; null = no cap")

    def __str__(self) -> str:
        return f"caps of {self.account}"
