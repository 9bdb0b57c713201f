"""`manage.py verify_vault`: what lies in the storage against what the rows say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account
from generations import tasks, verifying
from generations.models import Generation, Status
from tests.factories import make_take, png
from tests.generations.orders import Press
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db


def kept(owner: User, content: bytes = b"clip", **fields: Any) -> Generation:
    """A complete take with this file."""
    take = make_take(owner, content_type="image/png", **fields)
    name = default_storage.save(f"takes/{take.pk}.png", ContentFile(content))
    digest = hashlib.sha256(content).hexdigest()
    Generation.objects.filter(pk=take.pk).update(result=name, size=len(content), sha256=digest)
    take.refresh_from_db()
    return take


def overwrite(take: Generation, content: bytes) -> None:
    with default_storage.open(str(take.result.name), "wb") as file:
        file.write(content)


def verified(**options: Any) -> tuple[int, str]:
    """The exit status and all that was printed."""
    out = StringIO()
    try:
        call_command("verify_vault", stdout=out, **options)
    except CommandError as error:
        return 1, f"{out.getvalue()}{error}"
    return 0, out.getvalue()


def test_what_is_whole_is_verified(owner: User) -> None:
    takes = [kept(owner), kept(owner)]
    before = timezone.now()
    assert verified() == (0, "2 verified, 0 missing, 0 damaged\n")
    for take in takes:
        take.refresh_from_db()
        assert take.verified_at
        assert take.verified_at >= before


def test_each_that_is_wrong_is_named_and_marked(owner: User) -> None:
    whole, missing, longer, other = (kept(owner) for _ in range(4))
    default_storage.delete(str(missing.result.name))
    overwrite(longer, b"clip and more")
    overwrite(other, b"clap")
    status, said = verified()
    assert status == 1
    assert said.endswith("1 verified, 1 missing, 2 damaged")
    assert f"take {missing.pk}: missing" in said
    marks = dict(Generation.objects.values_list("pk", "damage"))
    assert marks == {whole.pk: "", missing.pk: "missing", longer.pk: "damaged", other.pk: "damaged"}


def test_what_was_put_back_is_whole_again(owner: User) -> None:
    take = kept(owner)
    name = str(take.result.name)
    default_storage.delete(name)
    verified()
    default_storage.save(name, ContentFile(b"clip"))
    assert verified()[0] == 0
    take.refresh_from_db()
    assert (take.damage, take.gone_at) == ("", None)


def test_only_stored_results_are_looked_at(owner: User) -> None:
    make_take(owner)
    make_take(owner, status=Status.DOWNLOADING, result="takes/nowhere.png")
    kept(owner, deleted_at=timezone.now())
    assert verified() == (0, "1 verified, 0 missing, 0 damaged\n")


def test_only_with_decode_a_file_that_was_never_whole_is_found(owner: User) -> None:
    kept(owner, png()[:-30])
    assert verified()[0] == 0
    status, said = verified(decode=True)
    assert (status, "1 damaged" in said) == (1, True)


def test_a_storage_that_can_not_be_read_marks_nothing(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    take = kept(owner)

    def broken(name: str) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(verifying, "sha256_of_stored", broken)
    status, said = verified()
    assert (status, "1 could not be read" in said) == (1, True)
    take.refresh_from_db()
    assert (take.damage, take.verified_at) == ("", None)


def test_a_row_that_changed_meanwhile_keeps_what_it_says(owner: User) -> None:
    take = kept(owner)
    Generation.objects.filter(pk=take.pk).update(result="takes/another.png")
    verifying.note(take, "damaged")
    take.refresh_from_db()
    assert take.damage == ""


def test_interrupted_it_says_how_to_go_on(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = kept(owner), kept(owner)

    def interrupted(**options: Any) -> Iterator[verifying.Verdict]:
        yield verifying.Verdict(first, "")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(verifying, "verify", interrupted)
        assert f"verify_vault --after {first.pk}\n1 verified" in verified()[1]
    assert "1 verified" in verified(after=first.pk)[1]
    second.refresh_from_db()
    assert second.verified_at


def test_queries_grow_by_one_a_take(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        kept(owner)
    with django_assert_num_queries(2 + 5):  # a page, the end of the pages, and a note for each
        verified()


def test_lost_files_are_fetched_again_and_never_made_again(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.unseen
    Generation.objects.update(unseen=False)  # somebody has looked at it
    content = take.result.read()
    default_storage.delete(str(take.result.name))
    status, said = verified(repair=True)
    assert (status, "is fetched again" in said) == (1, True)
    studio.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.damage, take.unseen) == (Status.COMPLETE, "", False)
    assert take.result.read() == content
    assert len(studio.submissions()) == 1
    assert verified()[0] == 0


def test_what_the_service_has_no_more_keeps_its_record(studio: Studio, owner: User) -> None:
    take = kept(owner)
    default_storage.delete(str(take.result.name))
    status, said = verified(repair=True)
    assert (status, "Hedra does not have it any more" in said) == (1, True)
    take.refresh_from_db()
    assert (take.status, take.damage, bool(take.gone_at)) == (Status.COMPLETE, "missing", True)


def test_a_service_that_is_down_leaves_it_for_later(studio: Studio, owner: User) -> None:
    take = kept(owner)
    default_storage.delete(str(take.result.name))
    studio.sandbox.fault("answer", status=401, match={"method": "GET"}, times=0)
    assert "could not be asked for" in verified(repair=True)[1]
    take.refresh_from_db()
    assert (take.status, take.gone_at) == (Status.COMPLETE, None)


def test_beside_a_worker_it_looks_at_what_is_stored_only(owner: User) -> None:
    """A result that is on its way is the worker's, whatever lies there."""
    take = kept(owner)
    verified()
    Generation.objects.filter(pk=take.pk).update(damage="damaged")
    take.refresh_from_db()
    assert take.fetch_again()
    assert not take.fetch_again()
    [held] = Generation.objects.filter(pk=take.pk).claim(Account.objects.current(), 1)
    verifying.note(take, "")
    held.refresh_from_db()
    assert (held.status, held.damage) == (Status.DOWNLOADING, "damaged")
    tasks.sweep()


def test_hoox_is_asked_in_its_own_way(hoox: Account, owner: User) -> None:
    take = kept(owner, account=hoox, service_id="no-such-order")
    default_storage.delete(str(take.result.name))
    assert "Hoox does not have it any more" in verified(repair=True)[1]
