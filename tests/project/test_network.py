import pytest

from hedra_studio.network import allowed_hosts, is_answered, is_loopback, reachable_at
from hedra_studio.refused import Refused


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_names_of_this_machine_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "localhost.evil.example", "127.0.0.1.nip.io"]
)
def test_other_names_are_not(host: str) -> None:
    assert not is_loopback(host)


def test_on_loopback_only_its_own_names_are_answered() -> None:
    assert allowed_hosts("127.0.0.1", []) == ["127.0.0.1", "[::1]", "localhost"]


def test_elsewhere_the_named_hosts_are_answered() -> None:
    assert allowed_hosts("0.0.0.0", ["studio.example.com"]) == ["studio.example.com"]
    assert allowed_hosts("192.168.1.5", []) == ["192.168.1.5"]
    assert allowed_hosts("fd00::5", []) == ["[fd00::5]"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_every_address_needs_names(host: str) -> None:
    with pytest.raises(Refused, match=f"STUDIO_HOST={host} needs ALLOWED_HOSTS"):
        allowed_hosts(host, [])


def test_the_supervisor_finds_what_listens_everywhere() -> None:
    assert reachable_at("0.0.0.0") == "127.0.0.1"
    assert reachable_at("::") == "[::1]"
    assert reachable_at("fd00::5") == "[fd00::5]"


@pytest.mark.parametrize("allowed", ["a.example.com", "A.example.com", ".example.com", "*"])
def test_a_host_that_is_answered(allowed: str) -> None:
    assert is_answered("a.example.com", ["other.example", allowed])


@pytest.mark.parametrize("allowed", ["example.com", "b.example.com", ".ample.com", ""])
def test_a_host_that_is_not_answered(allowed: str) -> None:
    assert not is_answered("a.example.com", [allowed])
