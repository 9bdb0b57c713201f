from .asset import Asset, Upload
from .drafting import Draft, Preset, Purse
from .generation import FailedTry, Generation, Input, LeaseLost
from .queryset import GenerationQuerySet, lease_end
from .status import LOCAL, REMOTE, RUNNING, By, Status, StepRefused

__all__ = [
    "LOCAL",
    "REMOTE",
    "RUNNING",
    "Asset",
    "By",
    "Draft",
    "FailedTry",
    "Generation",
    "GenerationQuerySet",
    "Input",
    "LeaseLost",
    "Preset",
    "Purse",
    "Status",
    "StepRefused",
    "Upload",
    "lease_end",
]
