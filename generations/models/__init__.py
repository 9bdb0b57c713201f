from .asset import Asset, Upload
from .cap import Cap
from .drafting import Draft, Preset, Purse
from .entry import AppendOnly, Entry, EntryQuerySet
from .failed_try import FailedTry
from .generation import Generation
from .input import Input
from .judged import Verdict
from .keeping import Collected, Collection, Note, SavedSearch
from .news import News
from .queryset import GenerationQuerySet, lease_end
from .status import LOCAL, REMOTE, RUNNING, By, Status, StepRefused
from .steps import LeaseLost
from .stored import Damage, found_whole
from .take_index import TakeIndex
from .worker import Worker

__all__ = [
    "LOCAL",
    "REMOTE",
    "RUNNING",
    "AppendOnly",
    "Asset",
    "By",
    "Cap",
    "Collected",
    "Collection",
    "Damage",
    "Draft",
    "Entry",
    "EntryQuerySet",
    "FailedTry",
    "Generation",
    "GenerationQuerySet",
    "Input",
    "LeaseLost",
    "News",
    "Note",
    "Preset",
    "Purse",
    "SavedSearch",
    "Status",
    "StepRefused",
    "TakeIndex",
    "Upload",
    "Verdict",
    "Worker",
    "found_whole",
    "lease_end",
]
