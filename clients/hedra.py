"""Hedra's public web API (`web-app/public`). Facts: its OpenAPI document of 2026-08.

There is no cancel, delete, estimate or webhook, and no Idempotency-Key: ids that we reserve
(`generation_id`, `reserved_asset_id`) are what makes a second try safe.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, BinaryIO

from requests_toolbelt import MultipartEncoder

from clients import hedra_answers as answers
from clients.answers import (
    CreatedAsset,
    CreditBalance,
    GenerationPage,
    GenerationState,
    ModelList,
    RemoteAsset,
    Submission,
    VoiceList,
)
from clients.errors import Invalid
from clients.gate import Gate
from clients.http import READ_RETRIES, Connection, Service, Transport, path_part
from clients.links import LARGEST_RESULT_BYTES, Download, Links
from clients.uploads import FileBody, Progress

HEDRA = Service(
    name="Hedra",
    key_header="X-API-Key",
    key_hint="Check HEDRA_API_KEY; keys are made at hedra.com/develop/api-keys.",
)
MOST_IDS = 50
"""So many ids fit one question; the answer holds at most 100 rows."""
LONGEST_NAME = 255


class HedraClient:
    """All calls of one account. Safe to share between threads; raises only clients.errors."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        connect_timeout: float = 5,
        read_timeout: float = 30,
        upload_timeout: float = 300,
        retries: int = READ_RETRIES,
        gate: Gate | None = None,
    ) -> None:
        """Timeouts in seconds: to connect, for the next byte to come, for the answer to an upload.

        `retries` is how often a read is tried again, each time with these timeouts and a pause.
        """
        connection = Connection(
            base_url.rstrip("/"), api_key, connect_timeout, read_timeout, upload_timeout, retries
        )
        self._transport = Transport(HEDRA, connection, gate)
        self._links = Links(HEDRA.name, connection)

    def __repr__(self) -> str:
        return f"HedraClient({self._transport.connection.base_url})"

    @property
    def clock_ahead_s(self) -> float | None:
        """Seconds by which our clock was ahead of the service's at its last answer; None before one came."""
        return self._transport.clock_ahead_s

    # Catalog

    def list_models(self) -> ModelList:
        """GET /models, without its `types` filter: every known client encodes that differently."""
        return self._transport.get("/models", "read the catalog", answers.model_list)

    def list_voices(self) -> VoiceList:
        """GET /voices. A voice's `id` is what requests take."""
        return self._transport.get("/voices", "read the voices", answers.voice_list)

    # Assets

    def list_assets(self, type: str, ids: Iterable[str] = ()) -> list[RemoteAsset]:
        """GET /assets of one type; with `ids` only these."""
        params: dict[str, str | int] = {"type": type, **id_list(ids)}
        return self._transport.get("/assets", "read the assets", answers.assets, params)

    def create_asset(self, name: str, type: str, reserved_asset_id: str | None = None) -> CreatedAsset:
        """POST /assets: a place for an upload. Costs nothing, but cannot be deleted."""
        body = {"name": name[:LONGEST_NAME], "type": type}
        if reserved_asset_id:
            body["reserved_asset_id"] = reserved_asset_id
        return self._transport.post("/assets", "prepare the upload", answers.created_asset, body)

    def upload_asset(
        self,
        created: CreatedAsset,
        file: BinaryIO,
        filename: str,
        content_type: str,
        on_progress: Progress | None = None,
    ) -> None:
        """Send the bytes, streamed with their length: PUT to the presigned link, else as a form.

        The form is POST /assets/{id}/upload. Raises Unavailable when the presigned link is too old.
        """
        body = FileBody(file, on_progress)
        if not body.size:
            raise Invalid("The file is empty. Nothing was sent. Choose another one.")
        if created.upload_url:
            self._links.put(created.upload_url, body, content_type)
            return
        form = MultipartEncoder({"file": (filename[-LONGEST_NAME:] or "file", body, content_type)})
        path = f"/assets/{path_part(created.id)}/upload"
        self._transport.post_stream(path, "upload the file", form, form.content_type)

    # Generations

    def list_generations(
        self,
        *,
        ids: Iterable[str] = (),
        type: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        prompt_query: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> GenerationPage:
        """GET /generations, newest first in practice. No `ids` means all; at most 50.

        Paging goes as flat `limit` and `offset`, which some servers ignore without a word: compare the
        page's own, and walk back by `created_before`. Ids that did not come back may exist all the same.
        """
        params: dict[str, str | int] = {"limit": limit, "offset": offset, **id_list(ids)}
        wanted = {
            "type": type,
            "created_before": timestamp(created_before),
            "created_after": timestamp(created_after),
            "prompt_query": prompt_query,
        }
        params |= {name: value for name, value in wanted.items() if value}
        return self._transport.get("/generations", "read the history", answers.generation_page, params)

    def submit(self, body: Mapping[str, Any]) -> Submission:
        """POST /generations: the one call that costs credits. Sent once, never again by itself.

        Raises Unclear when it may have acted: look the reserved ids up before sending them again.
        """
        return self._transport.post(
            "/generations", "start the generation", answers.submission, body, paid=True
        )

    def status(self, generation_id: str) -> GenerationState:
        """GET /generations/{id}/status, with fresh links. NotFound may mean "not yet" just after a submit."""
        path = f"/generations/{path_part(generation_id)}/status"
        return self._transport.get(path, "look at the generation", answers.generation_state)

    # Money

    def credits(self) -> CreditBalance:
        """GET /billing/credits."""
        return self._transport.get("/billing/credits", "read the balance", answers.credit_balance)

    # Results

    def download(
        self, url: str, offset: int = 0, most_bytes: int = LARGEST_RESULT_BYTES
    ) -> AbstractContextManager[Download]:
        """Open a result's link, from byte `offset` on. The key is not sent.

        The Download's own `offset` tells where its bytes belong: 0 when the server began anew. Raises
        LinkExpired for a link that no longer works, Rejected for one that leads into a private network,
        TooLarge for a file of more than `most_bytes`.
        """
        return self._links.download(url, offset, most_bytes)


def id_list(ids: Iterable[str]) -> dict[str, str | int]:
    """One comma list: a repeated key would keep only its last value."""
    wanted = list(ids)
    if len(wanted) > MOST_IDS:
        raise ValueError(f"at most {MOST_IDS} ids fit one question, not {len(wanted)}")
    return {"ids": ",".join(wanted)} if wanted else {}


def timestamp(moment: datetime | None) -> str | None:
    """ISO 8601 with Z: the + of an offset would read as a blank."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
