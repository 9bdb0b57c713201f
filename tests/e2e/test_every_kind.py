"""Each kind of request, from the form to a finished take: sent as chosen, charged as the button says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.mirror import voices
from catalog.models import Account, AIModel, Voice
from generations.models import Generation, Upload
from tests.factories import mp4, png, wav
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db(transaction=True)

PROMPT = "A fox walks out of the fog"
MEDIA_READY = """() => {
  const media = document.querySelector('main video, main audio, main .detail-stage img:not(.take-backdrop)');
  if (!media) return false;
  if (media.preload === 'none') media.load();
  return media.tagName === 'IMG' ? media.naturalWidth > 0 : media.readyState >= 1 && media.duration > 0.2;
}"""


@dataclass
class Journey:
    """What is chosen on the page, and the request that must come of it.

    "@reference_image:1" stands for the id that the take's second reference image has at the service, "@voice"
    for the first voice's."""

    model: str
    body: dict[str, Any]
    files: dict[str, list[str]] = field(default_factory=dict)
    """Label of the input → files, by kind."""
    choose: Callable[[Page], None] = lambda page: None
    prompt: bool = True
    price_known: bool = True


def radio(page: Page, group: str, name: str) -> None:
    page.get_by_role("radiogroup", name=group).get_by_role("radio", name=name, exact=True).check()


def upright(page: Page) -> None:
    radio(page, "Aspect ratio", "9:16")


def several_shots(page: Page) -> None:
    page.get_by_text("Several shots").click()
    page.get_by_label("Prompt of shot 1").fill("The fog, wide")
    page.get_by_label("Seconds of shot 1").select_option("3")
    page.get_by_label("Prompt of shot 2").fill("The fox, close")
    page.get_by_label("Seconds of shot 2").select_option("4")


def speak(page: Page) -> None:
    page.get_by_label("What is said").fill("Good morning, forest.")
    page.get_by_label("Voice that says it").select_option(index=1)


def voiced(page: Page) -> None:
    page.get_by_label("Voice", exact=True).select_option(index=1)
    page.get_by_label("Speed").fill("1.1")
    page.get_by_label("Language").select_option("English")


def sound(page: Page) -> None:
    page.get_by_label("Duration").fill("3.5")
    page.get_by_label("Loop").check()


def four_k(page: Page) -> None:
    radio(page, "Upscale to", "4K")


def silent(page: Page) -> None:
    page.get_by_label("Keep the sound").uncheck()


NESTED = "generated_video_inputs"
JOURNEYS = {
    "video from text": Journey(
        "Grok Video T2V",
        {
            "type": "video",
            NESTED: {
                "text_prompt": PROMPT,
                "aspect_ratio": "9:16",
                "resolution": "720p",
                "duration_ms": 5000,
            },
        },
        choose=upright,
    ),
    "video of several shots": Journey(
        "Kling V3 Pro T2V",
        {
            "type": "video",
            NESTED: {
                "text_prompt": PROMPT,
                "multi_prompt": [
                    {"prompt": "The fog, wide", "duration_ms": 3000},
                    {"prompt": "The fox, close", "duration_ms": 4000},
                ],
                "shot_type": "customize",
            },
        },
        choose=several_shots,
    ),
    "video from references": Journey(
        "Seedance 2.0 IR2V",
        {
            "type": "video",
            "reference_image_ids": ["@reference_image:0", "@reference_image:1"],
            "reference_video_ids": ["@reference_video:0"],
            "reference_audio_ids": ["@reference_audio:0"],
            NESTED: {"text_prompt": PROMPT, "duration_ms": 5000},
        },
        {
            "Reference images": ["image", "other image"],
            "Reference videos": ["video"],
            "Reference sounds": ["audio"],
        },
    ),
    "extension": Journey(
        "Veo 3.1 Extend",
        {"type": "video", "video_id": "@video:0", NESTED: {"text_prompt": PROMPT, "duration_ms": 6000}},
        {"Video": ["video"]},
    ),
    "avatar": Journey(
        "Hedra Avatar",
        {
            "type": "video",
            "start_keyframe_id": "@start_frame:0",
            "audio_id": "@audio:0",
            NESTED: {"text_prompt": PROMPT, "duration_ms": 1200},
        },
        {"Start frame": ["image"], "Audio": ["audio"]},
    ),
    "avatar that says what is written": Journey(
        "Hedra Avatar",
        {
            "type": "video",
            "start_keyframe_id": "@start_frame:0",
            "audio_generation": {
                "type": "text_to_speech",
                "voice_id": "@voice",
                "text": "Good morning, forest.",
            },
            NESTED: {"text_prompt": PROMPT},
        },
        {"Start frame": ["image"]},
        choose=speak,
        price_known=False,
    ),
    "speech": Journey(
        "ElevenLabs V3",
        {
            "type": "text_to_speech",
            "voice_id": "@voice",
            "text": PROMPT,
            "stability": 1,
            "speed": 1.1,
            "language": "English",
        },
        choose=voiced,
    ),
    "sound": Journey(
        "ElevenLabs Text to Sound V2",
        {
            "type": "text_to_sound",
            "text": PROMPT,
            "duration_seconds": 3.5,
            "prompt_influence": 0.3,
            "loop": True,
        },
        choose=sound,
    ),
    "image": Journey(
        "Nano Banana T2I",
        {"type": "image", "text_prompt": PROMPT, "aspect_ratio": "9:16", "resolution": "1K"},
        choose=upright,
    ),
    "image to image": Journey(
        "Nano Banana I2I",
        {
            "type": "image_to_image",
            "text_prompt": PROMPT,
            "reference_image_ids": ["@reference_image:0", "@reference_image:1"],
            "resolution": "1K",
        },
        {"Reference images": ["image", "other image"]},
    ),
    "image upscale": Journey(
        "Image Upscale",
        {"type": "image_upscale", "image_id": "@image:0", "target_resolution": "4K"},
        {"Image": ["image"]},
        choose=four_k,
        prompt=False,
    ),
    "video upscale": Journey(
        "Video Upscale",
        {"type": "video_upscale", "video_id": "@video:0", "target_resolution": "1080p"},
        {"Video": ["video"]},
        prompt=False,
    ),
    "voice isolation": Journey(
        "ElevenLabs Audio Isolation",
        {"type": "audio_isolation", "audio_id": "@audio:0"},
        {"Audio": ["audio"]},
        prompt=False,
    ),
    "voice change": Journey(
        "ElevenLabs Speech to Speech",
        {"type": "speech_to_speech", "audio_id": "@audio:0", "voice_id": "@voice"},
        {"Audio": ["audio"]},
        choose=lambda page: page.get_by_label("Voice", exact=True).select_option(index=1) and None,
        prompt=False,
    ),
    "voice clone": Journey(
        "Voice Clone",
        {"type": "voice_clone", "audio_id": "@audio:0", "name": "Grandmother"},
        {"Audio": ["audio"]},
        choose=lambda page: page.get_by_label("Name of the voice").fill("Grandmother"),
        prompt=False,
    ),
    "restyle": Journey(
        "Kling O3 Standard Edit V2V",
        {
            "type": "video_to_video",
            "video_id": "@video:0",
            "prompt": PROMPT,
            "keep_audio": False,
            "reference_image_asset_ids": ["@reference_image:0"],
            "elements": [
                {
                    "frontal_image_asset_id": "@element:10",
                    "reference_image_asset_ids": ["@element:11"],
                }
            ],
        },
        {"Video": ["video"], "Reference images": ["image"], "Element 1": ["image", "other image"]},
        choose=silent,
    ),
    "motion control": Journey(
        "Kling 2.6 Motion Control Standard VI2V",
        {
            "type": "motion_control",
            "video_id": "@video:0",
            "start_keyframe_id": "@start_frame:0",
            NESTED: {"text_prompt": PROMPT, "character_orientation": "video"},
        },
        {"Start frame": ["image"], "Video": ["video"]},
    ),
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    contents = {
        "image": ("fox.png", png(1024, 1024)),
        "other image": ("den.png", png(800, 1000, "#204060")),
        "video": ("walk.mp4", mp4(3.5, 640, 360)),
        "audio": ("speech.wav", wav(1.2)),
    }
    for name, content in contents.values():
        (tmp_path / name).write_bytes(content)
    return {kind: tmp_path / name for kind, (name, _) in contents.items()}


@pytest.fixture
def rich(studio: Studio) -> Studio:
    studio.sandbox.settings(key=studio.key, balance=100_000)
    voices.sync(Account.objects.current())
    return studio


def upload(page: Page, label: str, paths: list[Path]) -> None:
    """One after the other, each seen to have arrived."""
    slot = page.locator(".slot", has=page.get_by_text(label, exact=True))
    for number, path in enumerate(paths, 1):
        page.get_by_label(label, exact=True).set_input_files(path)
        expect(slot.locator("input[type=checkbox]:checked")).to_have_count(number)
        expect(slot.locator(".slot-uploads li")).to_have_count(0)


def priced(page: Page) -> Decimal | None:
    """The figure on the button, asked for anew: choices ask for it a moment later, and in pieces."""
    with page.expect_response("**/create/price/"):
        page.evaluate("() => htmx.trigger('#price', 'retry')")
    expect(page.locator(".htmx-request")).to_have_count(0)
    button = page.get_by_role("button", name="Generate")
    found = re.search(r"· ([\d,.]+) credit", button.text_content() or "")
    return Decimal(found[1].replace(",", "")) if found else None


def order(page: Page, journey: Journey, files: dict[str, Path]) -> Decimal | None:
    if journey.prompt:
        page.get_by_label("Prompt", exact=True).fill(PROMPT)
    for label, kinds in journey.files.items():
        upload(page, label, [files[kind] for kind in kinds])
    journey.choose(page)
    page.keyboard.press("Tab")  # what is typed counts once it is left
    price = priced(page)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#announcer")).to_contain_text("On its way")
    return price


def leave(page: Page) -> None:
    """Without a last word to the server: this database is shared in memory, and takes no two at a time."""
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.goto("about:blank")
    page.context.set_offline(False)


def resolved(expected: Any, take: Generation) -> Any:
    """The expectation with the ids that the take's inputs have at the service."""
    if isinstance(expected, dict):
        return {name: resolved(value, take) for name, value in expected.items()}
    if isinstance(expected, list):
        return [resolved(value, take) for value in expected]
    if expected == "@voice":
        return Voice.objects.current().order_by("language", "name")[0].remote_id
    if isinstance(expected, str) and expected.startswith("@"):
        role, _, position = expected[1:].partition(":")
        item = take.input_set.get(role=role, position=int(position))
        return str(Upload.objects.get(asset=item.asset, account=take.account).remote_id)
    return expected


def differences(expected: dict[str, Any], sent: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in expected.items():
        if isinstance(value, dict) and isinstance(sent.get(name), dict):
            yield from differences(value, sent[name], f"{path}{name}.")
        elif sent.get(name) != value:
            yield f"{path}{name}: {sent.get(name)!r} was sent, {value!r} chosen"


@pytest.mark.parametrize("name", JOURNEYS)
def test_from_the_form_to_a_take_that_can_be_seen_or_heard(
    page: Page, live_server: LiveServer, rich: Studio, files: dict[str, Path], name: str
) -> None:
    journey = JOURNEYS[name]
    model = AIModel.objects.current().get(name=journey.model)
    page.goto(f"{live_server.url}/create/?model={model.pk}")

    price = order(page, journey, files)

    leave(page)
    rich.work_until_idle()
    take = Generation.objects.get(imported=False)
    assert (take.status, take.error_message) == ("complete", "")
    [sent] = rich.submissions()
    ids = {"generation_id": str(take.remote_id), "reserved_asset_id": str(take.remote_asset_id)}
    expected = resolved(journey.body, take) | ids | model.payload_key()
    assert list(differences(expected, sent)) == []
    [charge] = rich.charges()[str(take.remote_id)]
    assert (take.charged, take.quoted) == (charge, price)
    assert price == charge if journey.price_known else price is None

    page.goto(f"{live_server.url}{take.get_absolute_url()}")
    page.wait_for_function(MEDIA_READY)
