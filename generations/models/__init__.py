from .asset import Asset, Upload
from .generation import FailedTry, Generation, Input, LeaseLost
from .queryset import GenerationQuerySet, lease_end
from .status import LOCAL, REMOTE, RUNNING, Status

__all__ = [
    "LOCAL",
    "REMOTE",
    "RUNNING",
    "Asset",
    "FailedTry",
    "Generation",
    "GenerationQuerySet",
    "Input",
    "LeaseLost",
    "Status",
    "Upload",
    "lease_end",
]
