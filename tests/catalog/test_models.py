import pytest
from pytest_django.fixtures import Settings

from catalog.makers import maker_of
from catalog.models import Account, AIModel
from tests.catalog.factories import make_model


@pytest.mark.parametrize(
    ("name", "slug", "maker"),
    [
        ("Grok Video T2V", "", "xAI"),
        ("Sora 2 Pro I2V", "", "OpenAI"),
        ("Veo 3 Fast T2V", "", "Google"),
        ("Nano Banana Pro T2I", "google/nano-banana", "Google"),
        ("MiniMax Hailuo-02 Pro T2V", "", "MiniMax"),
        ("Omnihuman 1.5 I2V", "fal/omnihuman-15-i2v", "ByteDance"),
        ("Flux.2 [klein] 9B", "", "Black Forest Labs"),
        ("VEED Fabric 1.0", "", "VEED"),
        ("Director's cut", "fal/kling-v9", "Kling AI"),
        ("Veolia", "", ""),
        ("", "", ""),
    ],
)
def test_the_maker_is_told_by_the_family(name: str, slug: str, maker: str) -> None:
    assert maker_of(name, slug) == maker


def test_a_request_names_the_model_by_slug_when_there_is_one() -> None:
    assert AIModel(slug="a/b", remote_id="1").payload_key() == {"model_slug": "a/b"}
    assert AIModel(remote_id="1").payload_key() == {"ai_model_id": "1"}


def test_the_default_resolution_is_the_services_word_else_the_first() -> None:
    assert (
        AIModel(resolutions=["540p", "720p"], default_resolution="720p").default_resolution_or_first == "720p"
    )
    assert AIModel(resolutions=["540p"], default_resolution="8K").default_resolution_or_first == "540p"
    assert AIModel(default_resolution="720p").default_resolution_or_first == "720p"
    assert AIModel().default_resolution_or_first == ""


def test_many_resolutions_are_said_as_a_span() -> None:
    assert AIModel(resolutions=["540p", "720p"]).resolution_words == "540p, 720p"
    assert AIModel(resolutions=["4K", "480p", "720p", "1080p"]).resolution_words == "480p–4K"


def test_a_range_of_ratios_offers_whatever_lies_in_it_and_says_so() -> None:
    model = AIModel(aspect_ratios=["16:9"], aspect_ratio_range=[0.5, 2.0])

    assert model.offers_ratio("9:16")
    assert model.offers_ratio("16:9")
    assert not model.offers_ratio("9:21")
    assert not model.offers_ratio("auto")
    assert model.ratio_note == "any start image from 0.5:1 to 2:1"


def test_the_length_follows_the_audio_of_an_avatar() -> None:
    model = AIModel(type="video", durations=["auto"], requires_audio_input=True, max_duration_ms=600_000)

    assert model.has_auto_duration
    assert (model.length_source, model.longest_ms) == ("audio", 600_000)
    assert model.durations_words == "auto · to 10 min"


def test_an_avatar_that_names_no_duration_is_automatic_too() -> None:
    assert AIModel(type="video", requires_audio_input=True).has_auto_duration


def test_the_tile_shows_the_first_letter() -> None:
    assert (AIModel(name="  grok").logo_letter, AIModel(name="…").logo_letter) == ("G", "?")


@pytest.mark.parametrize(
    ("eta_ms", "words"), [(None, ""), (0, ""), (40_000, "about 40 s"), (318_000, "about 5 min")]
)
def test_waiting_time_in_words(eta_ms: int | None, words: str) -> None:
    assert AIModel(eta_ms=eta_ms).eta_words == words


def test_current_models_are_those_on_offer_with_the_key_in_use(account: Account, settings: Settings) -> None:
    kept = make_model(account)
    make_model(account, retired_at=kept.last_seen)
    make_model(Account.objects.create(fingerprint="another key"))

    assert list(AIModel.objects.current()) == [kept]

    settings.HEDRA_KEY = "sk_hedra_new"
    assert not AIModel.objects.current().exists()


def test_the_services_order_puts_models_without_a_place_last(account: Account) -> None:
    for name, place, position in [("c", None, 1), ("b", 20, 2), ("a", 10, 3), ("d", None, 4)]:
        make_model(account, name, display_order=place, position=position)

    assert [model.name for model in AIModel.objects.in_service_order()] == ["a", "b", "c", "d"]
