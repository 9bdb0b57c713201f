"""Takes at Hoox, from the form to the end: sent as chosen, charged as the button says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.mirror.details import read_details
from catalog.models import Account, AIModel, CallBudget
from catalog.prices.asking import ask_due
from generations.models import Generation
from tests.factories import mp4, png
from tests.sandboxed import Studio

from .test_every_kind import MEDIA_READY, PROMPT, differences, leave, priced, radio, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def both(studio: Studio, hoox: Account, settings: Settings, live_server: LiveServer) -> Account:
    """Hoox with the details of its models; it fetches inputs from the running studio."""
    settings.LOCAL_URL = live_server.url
    while AIModel.objects.filter(account=hoox, detail_at=None).exists():
        read_details(hoox)
        CallBudget.objects.all().delete()
    return hoox


def ask_prices(hoox: Account) -> None:
    while ask_due(hoox) is not None:
        CallBudget.objects.all().delete()


def clip_and_image(folder: Path) -> dict[str, Path]:
    contents = {"image": ("fox.png", png(1024, 1024)), "video": ("walk.mp4", mp4(3.5, 640, 360))}
    for name, content in contents.values():
        (folder / name).write_bytes(content)
    return {kind: folder / name for kind, (name, _) in contents.items()}


JOURNEYS: dict[str, tuple[str, dict[str, list[str]], dict[str, str], dict[str, Any]]] = {
    "video from a reference": (
        "Veo 3.1",
        {"Reference images": ["image"]},
        {"Aspect ratio": "16:9", "Duration": "4 s", "Resolution": "1080p"},
        {
            "type": "video",
            "model": "veo-3.1",
            "prompt": PROMPT,
            "aspect_ratio": "16:9",
            "resolution": "1080p",
            "duration": 4,
            "model_settings": {"generateAudio": False},
            "generation_count": 1,
        },
    ),
    "named inputs": (
        "Kling O3 Edit Standard",
        {"Video": ["video"]},
        {},
        {"type": "video", "model": "kling-o3-edit-standard", "prompt": PROMPT, "generation_count": 1},
    ),
    "image": (
        "GPT Image 2",
        {},
        {"Aspect ratio": "1:1", "Resolution": "2K", "Quality": "high"},
        {
            "type": "image",
            "model": "gpt-image-2",
            "prompt": PROMPT,
            "aspect_ratio": "1:1",
            "resolution": "2K",
            "model_settings": {"quality": "high"},
            "generation_count": 1,
        },
    ),
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_from_the_form_to_a_take_that_can_be_seen(
    page: Page,
    live_server: LiveServer,
    studio: Studio,
    both: Account,
    settings: Settings,
    tmp_path: Path,
    name: str,
) -> None:
    _, inputs, chosen, expected = JOURNEYS[name]
    files = clip_and_image(tmp_path)
    model = AIModel.objects.get(account=both, slug=expected["model"])
    page.goto(f"{live_server.url}/create/?model={model.pk}")
    page.get_by_label("Prompt", exact=True).fill(PROMPT)
    for label, kinds in inputs.items():
        upload(page, label, [files[kind] for kind in kinds])
    for group, value in chosen.items():
        radio(page, group, value)
    if "generateAudio" in expected.get("model_settings", {}):
        page.get_by_label("Generate audio").uncheck()
    page.keyboard.press("Tab")
    assert priced(page) is None, "only Hoox can tell"
    leave(page)
    ask_prices(both)

    page.goto(f"{live_server.url}/create/")  # the draft is as it was left
    expect(page.get_by_role("button", name="Generate")).to_contain_text("credit")
    price = priced(page)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#announcer")).to_contain_text("On its way")
    leave(page)
    studio.work_until_idle()

    take = Generation.objects.get(imported=False)
    assert (take.status, take.error_message) == ("complete", "")
    [sent] = [entry["body"] for entry in studio.sandbox.requests(settings.HOOX_KEY, "hoox")]
    assert list(differences(expected, sent)) == []
    entries = studio.sandbox.ledger(settings.HOOX_KEY, "hoox")["entries"]
    [charge] = [Decimal(entry["credits"]) for entry in entries if entry["generation_id"] == take.service_id]
    assert (price, take.quoted, take.charged) == (charge, charge, charge)

    page.goto(f"{live_server.url}{take.get_absolute_url()}")
    page.wait_for_function(MEDIA_READY)
