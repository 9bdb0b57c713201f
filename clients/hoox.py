"""Hoox's public API (`api/public/v1`). Facts: Hoox's documentation of 2026-07.

A price is asked for, not reckoned. Nothing makes an order safe to repeat: no ids of ours, no list of what was
made, no Idempotency-Key. 100 requests a minute are all that a workspace has, over every process
that works for it: hence the gate that counts, and no tries that this client repeats by itself.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from types import MappingProxyType
from typing import Any

from clients import hoox_answers as answers
from clients.answers import AIModel, GenerationState, ModelList, RemotePrice, Started
from clients.gate import Gate
from clients.http import Connection, Service, Transport, path_part
from clients.links import LARGEST_RESULT_BYTES, Download, Links

HOOX = Service(
    name="Hoox",
    key_header="Authorization",
    key_prefix="Bearer ",
    key_hint="Check HOOX_API_KEY; a key stops working as soon as a new one is made.",
    plan_hint="Check the plan: the API belongs to Enterprise, and some models ask for a plan of their own.",
    takes_ids=False,
)
NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})


class HooxClient:
    """All calls of one workspace. Safe to share between threads; raises only clients.errors."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        connect_timeout: float = 5,
        read_timeout: float = 30,
        gate: Gate | None = None,
    ) -> None:
        """Timeouts in seconds: to connect, for the next byte to come."""
        connection = Connection(base_url.rstrip("/"), api_key, connect_timeout, read_timeout, read_retries=0)
        self._transport = Transport(HOOX, connection, gate)
        self._links = Links(HOOX.name, connection)

    def __repr__(self) -> str:
        return f"HooxClient({self._transport.connection.base_url})"

    @property
    def clock_ahead_s(self) -> float | None:
        """Seconds by which our clock was ahead of the service's at its last answer; None before one came."""
        return self._transport.clock_ahead_s

    # Catalog

    def list_models(
        self, *, type: str | None = None, provider: str | None = None, tag: str | None = None
    ) -> ModelList:
        """GET /asset/models. Rows say less than `model` does: no settings, no names of inputs."""
        wanted = {"type": type, "provider": provider, "tag": tag}
        params = {name: value for name, value in wanted.items() if value}
        return self._transport.get("/asset/models", "read the catalog", answers.model_list, params)

    def model(self, name: str) -> AIModel:
        """GET /asset/models/{name}: one model, all that it takes. An answer about another is unreadable."""
        path = f"/asset/models/{path_part(name)}"
        return self._transport.get(path, "read the model", partial(answers.one_model, name=name))

    # Money

    def price(
        self,
        name: str,
        *,
        duration_ms: int | None = None,
        resolution: str = "",
        settings: Mapping[str, Any] = NO_SETTINGS,
        image_count: int = 0,
        count: int = 1,
    ) -> RemotePrice:
        """POST /asset/pricing: costs nothing and may be asked again. Lengths go as whole seconds, rounded up.

        The service prices something it supports in place of what it does not: see `normalized`.
        """
        wanted = {
            "model": name,
            "duration": answers.whole_seconds(duration_ms),
            "resolution": resolution,
            "model_settings": dict(settings),
            "image_count": image_count,
            "generation_count": count,
        }
        body = {field: value for field, value in wanted.items() if value}
        read = partial(answers.remote_price, count=count, duration_ms=duration_ms)
        return self._transport.ask("/asset/pricing", "price the shot", read, body)

    # Generations

    def start(self, body: Mapping[str, Any]) -> Started:
        """POST /asset/start: the one call that costs credits. Sent once, never again by itself.

        Raises Unclear when it may have acted. No call can tell whether it did: only a webhook or a person.
        """
        return self._transport.post("/asset/start", "start the generation", answers.started, body, paid=True)

    def status(self, asset_id: str) -> GenerationState:
        """GET /asset/status/{id}. An answer about another asset is unreadable."""
        path = f"/asset/status/{path_part(asset_id)}"
        read = partial(answers.asset_state, asset_id=asset_id)
        return self._transport.get(path, "look at the generation", read)

    # Results

    def download(
        self, url: str, offset: int = 0, most_bytes: int = LARGEST_RESULT_BYTES
    ) -> AbstractContextManager[Download]:
        """Open a result's link, from byte `offset` on; see HedraClient.download. No request is counted."""
        return self._links.download(url, offset, most_bytes)
