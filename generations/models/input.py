"""What goes into a take."""

from __future__ import annotations

from django.db import models

from .asset import Asset


class Input(models.Model):
    """What an asset is to a take: its start frame, its second reference image, its third speaker."""

    class Role(models.TextChoices):
        START_FRAME = "start_frame"
        END_FRAME = "end_frame"
        AUDIO = "audio"
        VIDEO = "video"
        IMAGE = "image"
        REFERENCE_IMAGE = "reference_image"
        REFERENCE_VIDEO = "reference_video"
        REFERENCE_AUDIO = "reference_audio"
        ELEMENT = "element"

    generation = models.ForeignKey("Generation", models.CASCADE, related_name="input_set")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    position = models.PositiveSmallIntegerField(default=0, help_text="order among the inputs of its role")

    class Meta:
        ordering = ["role", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "role", "position"], name="one_input_per_role_and_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} of take {self.generation_id}"
