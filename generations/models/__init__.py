from .asset import Asset, Upload
from .drafting import Draft, Preset, Purse
from .generation import FailedTry, Generation, Input, LeaseLost
from .news import News
from .queryset import GenerationQuerySet, lease_end
from .status import LOCAL, REMOTE, RUNNING, Status
from .worker import Worker

__all__ = [
    "LOCAL",
    "REMOTE",
    "RUNNING",
    "Asset",
    "Draft",
    "FailedTry",
    "Generation",
    "GenerationQuerySet",
    "Input",
    "LeaseLost",
    "News",
    "Preset",
    "Purse",
    "Status",
    "Upload",
    "Worker",
    "lease_end",
]
