"""The price diary: what each sync found changed."""

from django.db import models

from catalog.models.account import Account
from catalog.models.ai_model import AIModel


class Change(models.Model):
    """One entry of the diary. `before` and `after` hold what changed, in the service's own values."""

    class Kind(models.TextChoices):
        PRICE = "price", "Price"
        RATIOS = "ratios", "Aspect ratios"
        RESOLUTIONS = "resolutions", "Resolutions"
        DURATIONS = "durations", "Durations"
        NEEDS = "needs", "Needs"
        ARRIVED = "arrived", "New"
        RETIRED = "retired", "Retired"
        RETURNED = "returned", "Back"

    account = models.ForeignKey(Account, models.CASCADE, related_name="changes")
    model = models.ForeignKey(AIModel, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    credits_before = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    credits_after = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="change_newest_first"),
            models.Index(fields=["model", "-at"], name="change_of_model"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.model_id} at {self.at:%Y-%m-%d}"
