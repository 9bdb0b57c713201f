"""Media in a bucket of an S3-compatible store, which any number of machines share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

CHUNK = 256 * 1024
CONNECTIONS = 128
"""As many as there are threads that serve pages (`serve`): each may be passing on a clip."""


class Bucket(S3Storage):  # type: ignore[misc]  # the library carries no types
    """Whatever goes wrong is an OSError, as with a disk; what isn't there, a FileNotFoundError.

    Names are kept exactly, and a file written again replaces the first in one step: a name holds its
    content's hash, its take's ids, or something random."""

    def __init__(self, *, endpoint_url: str | None, **options: Any) -> None:
        config = Config(
            signature_version="s3v4",
            # Few stores of one's own have a name in the DNS for each bucket.
            s3={"addressing_style": "path" if endpoint_url else "auto"},
            # The checksums that boto3 adds by itself are unknown to other stores than Amazon's.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=CONNECTIONS,
        )
        super().__init__(endpoint_url=endpoint_url, client_config=config, **options)

    def get_default_settings(self) -> dict[str, Any]:
        """Nothing of another program's AWS_… variables; large files in a temporary file, not in memory.

        Without an ACL what is stored is private; stores that know of none refuse a request that names one."""
        own = {"security_token": None, "session_profile": None, "default_acl": None, "file_overwrite": True}
        return {**super().get_default_settings(), **own, "max_memory_size": 8 * 1024 * 1024}

    @cached_property
    def connection(self) -> Any:
        """One for all threads, whose client is safe to share: one for each would cost 13 MB."""
        return super().connection

    def reach(self) -> None:
        """Raises OSError when there is no such bucket, or it is not ours."""
        with _told_as_of_a_disk(self.bucket_name):
            self.connection.meta.client.head_bucket(Bucket=self.bucket_name)

    def part(self, name: str, first: int, last: int) -> Iterator[bytes]:
        """The bytes from `first` to `last`, passed on as they come."""
        place = {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}
        with _told_as_of_a_disk(name):
            answer = self.connection.meta.client.get_object(**place, Range=f"bytes={first}-{last}")
        return _chunks(name, answer["Body"])

    def copy(self, name: str, other: str) -> None:
        """The same bytes under another name, without a way through this machine."""
        source = {"Bucket": self.bucket_name, "Key": self._normalize_name(name)}
        with _told_as_of_a_disk(name):
            self.connection.meta.client.copy(source, self.bucket_name, self._normalize_name(other))

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _told_as_of_a_disk(name):
            return super()._open(name, mode).open()  # fetched now: reading it later can't fail

    def _save(self, name: str, content: Any) -> str:
        with _told_as_of_a_disk(name):
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _told_as_of_a_disk(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _told_as_of_a_disk(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _told_as_of_a_disk(name):
            return int(super().size(name))


@contextmanager
def _told_as_of_a_disk(name: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as error:
        answer = getattr(error, "response", {}).get("ResponseMetadata", {})
        if answer.get("HTTPStatusCode") == 404:
            raise FileNotFoundError(f"{name} is not there") from error
        raise OSError(str(error)) from error


def _chunks(name: str, body: Any) -> Iterator[bytes]:
    with closing(body), _told_as_of_a_disk(name):
        yield from body.iter_chunks(CHUNK)
