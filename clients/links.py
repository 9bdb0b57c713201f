"""Signed links that a service hands out: fetched and filled without our key, never into private networks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import requests
from requests_hardened import Config, Manager

from clients.addresses import is_loopback
from clients.errors import LinkExpired, Rejected, ServiceError, TooLarge, Truncated, Unavailable
from clients.failures import Call, from_answer, from_broken_wire
from clients.http import USER_AGENT, WIRE_FAILURES, Connection, read_answer
from clients.pace import pieces
from clients.redaction import bare_link, hide_queries_in_logs
from clients.uploads import FileBody

MOST_REDIRECTS = 5
CHUNK_BYTES = 256 * 1024
PACE_WINDOW_S = 60
"""Over so long a time a download's pace is judged."""
LARGEST_RESULT_BYTES = 8 * 1024**3
"""Minutes of 4K stay far below; what goes on beyond it is a fault and must not fill the disk."""
EXPIRED_STATUSES = frozenset({400, 401, 403, 404, 410})
"""400 as well: S3 answers so to a link whose token has expired."""
XML_TYPES = frozenset({"application/xml", "text/xml"})
PAGE_TYPES = XML_TYPES | {"text/html", "application/xhtml+xml", "application/json"}
"""What no result is. Media hosts answer an old link with such a page, some of them with status 200."""


@dataclass(frozen=True)
class Download:
    """An open download. Write from `offset` on: 0 means that the server began anew."""

    status: int
    """200, 206, or 416 when there was nothing left to fetch."""
    total: int | None
    """Length of the whole file in bytes, if announced."""
    offset: int
    """Position of the first byte that will come."""
    content_type: str
    """As the server says; not to be trusted."""
    most_bytes: int
    """How long the whole file may be."""
    _response: requests.Response = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """The bytes. Raises Truncated when fewer come than announced, or too slowly, and TooLarge;
        what came can be kept."""
        position = self.offset
        body = self._body()
        while piece := next_piece(body):
            if isinstance(piece, Truncated):
                raise piece
            position += len(piece)
            if position > self.most_bytes:
                raise too_large(self.most_bytes, f"over {position} bytes")
            yield piece
        if self.total is not None and position < self.total:
            raise truncated(f"{position} of {self.total} bytes")

    def _body(self) -> Iterator[bytes]:
        return iter(()) if self.status == 416 else pieces(self._response, CHUNK_BYTES, PACE_WINDOW_S)


def next_piece(body: Iterator[bytes]) -> bytes | Truncated | None:
    """One piece, None at the end. The failure is returned, not raised, so that no link is chained to it."""
    try:
        return next(body, None)
    except WIRE_FAILURES as error:
        return truncated(type(error).__name__)


def truncated(detail: str) -> Truncated:
    return Truncated(
        "The download broke off. Nothing is lost and it cost nothing; it can continue where it stopped.",
        detail=f"download: {detail}",
    )


def too_large(most_bytes: int, detail: str) -> TooLarge:
    return TooLarge(
        f"The result is larger than the {most_bytes / 1024**3:.3g} GB that the studio saves."
        " It stays at the service.",
        detail=f"download: {detail}",
    )


class Links:
    """Opens the links of one service. Loopback is allowed only for a service that is itself there.

    An answer of one of `page_types` is taken for an expired link.
    """

    def __init__(self, service: str, connection: Connection, page_types: frozenset[str] = PAGE_TYPES) -> None:
        hide_queries_in_logs()
        self._service = service
        self._connection = connection
        self._page_types = page_types
        local = is_loopback(connection.base_url)
        config = Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=local,
            never_redirect=True,
            default_timeout=connection.timeouts,
            user_agent_override=USER_AGENT,
        )
        self._session = Manager(config).get_session()
        self._session.trust_env = not local
        self._session.auth = no_login
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def put(self, url: str, body: FileBody, content_type: str) -> None:
        """Fill a presigned link. Raises the errors of any write; Unavailable when the link is too old."""
        timeout = (self._connection.read_timeout, self._connection.upload_timeout)
        headers = {"Content-Type": content_type, "Content-Length": str(body.size)}
        call = Call("PUT", bare_link(url), self._service, "upload the file")
        response = self._request(call, url, headers, timeout, body)
        with response:
            failure = self._failure(call, response)
        if failure:
            raise failure

    @contextmanager
    def download(self, url: str, offset: int, most_bytes: int) -> Iterator[Download]:
        """Open a link from `offset` on; see HedraClient.download."""
        response = self._open(url, offset)
        if offset and not continues_at(response, offset):
            response.close()
            response = self._open(url, 0)
        with response:
            download = as_download(response, most_bytes)
            if (download.total or 0) > most_bytes:
                raise too_large(most_bytes, f"{download.total} bytes announced")
            yield download

    def _open(self, url: str, offset: int) -> requests.Response:
        """Follow redirects by hand: each hop is checked anew, and none leads from https to http."""
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        for _ in range(MOST_REDIRECTS + 1):
            call = Call("GET", bare_link(url), self._service, "download the result")
            response = self._request(call, url, headers, self._connection.timeouts)
            if not response.is_redirect:
                return self._usable(call, response)
            response.close()
            url = next_hop(url, response.headers["Location"], call)
        raise Rejected(
            "The result's link leads in circles. Nothing was charged.", detail=call.detail("redirects")
        )

    def _request(
        self,
        call: Call,
        url: str,
        headers: dict[str, str],
        timeout: tuple[float, float],
        body: FileBody | None = None,
    ) -> requests.Response:
        """Raises outside the `except`, so that no signed link is chained to the error."""
        failure: ServiceError
        try:
            response: requests.Response = self._session.request(
                call.method, url, headers=headers, data=body, timeout=timeout, stream=True
            )
            return response
        except ServiceError as error:
            failure = error
        except WIRE_FAILURES as error:
            failure = from_broken_wire(call, error)
        raise failure

    def _usable(self, call: Call, response: requests.Response) -> requests.Response:
        failure = self._failure(call, response)
        if failure is None and media_type(response) in self._page_types:
            failure = link_expired(call, f"a {media_type(response)} page instead of a file")
        if failure:
            response.close()
            raise failure
        return response

    def _failure(self, call: Call, response: requests.Response) -> ServiceError | None:
        status = response.status_code
        if 200 <= status < 300 or (status == 416 and call.method == "GET"):
            return None
        if status in EXPIRED_STATUSES:
            return upload_expired(call, status) if call.writes else link_expired(call, str(status))
        return from_answer(
            call, status, response.headers, error_body(response, self._connection.read_timeout), ""
        )


def no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding a login out of ~/.netrc, which signed links do not bear."""
    return request


def link_expired(call: Call, what: str) -> LinkExpired:
    return LinkExpired(
        f"The link from {call.service} is no longer valid. Nothing was charged; ask for a fresh one.",
        detail=call.detail(what),
    )


def upload_expired(call: Call, status: int) -> Unavailable:
    """Transient, unlike an expired result: the next try begins with a new place to upload to."""
    return Unavailable(
        f"{call.service} no longer takes this upload. Nothing was charged; try again with a new upload.",
        detail=call.detail(str(status)),
    )


def error_body(response: requests.Response, window_s: float) -> bytes:
    try:
        return read_answer(response, window_s)
    except WIRE_FAILURES:
        return b""


def media_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def next_hop(url: str, location: str, call: Call) -> str:
    """Where a redirect leads. Raises Rejected for a step from https down to anything else."""
    target = urljoin(url, location)
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise Rejected(
            "The result's link leads to an unprotected address and was not followed. Nothing was charged.",
            detail=call.detail(f"redirect to {bare_link(target)}"),
        )
    return target


def continues_at(response: requests.Response, offset: int) -> bool:
    """Whether the answer fits what we hold: the rest of it, nothing more to send, or all of it again."""
    first, total = content_range(response)
    if response.status_code == 206:
        return first == offset
    return total == offset if response.status_code == 416 else True


def content_range(response: requests.Response) -> tuple[int | None, int | None]:
    """First byte and total length of `bytes 5-9/10`, or of `bytes */10`."""
    span, _, total = response.headers.get("Content-Range", "").removeprefix("bytes").strip().partition("/")
    return as_position(span.partition("-")[0]), as_position(total)


def as_position(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def as_download(response: requests.Response, most_bytes: int) -> Download:
    first, total = content_range(response)
    offset = 0
    if response.status_code == 416:
        offset = total or 0
    elif response.status_code == 206:
        offset = first or 0
    if total is None and not response.headers.get("Content-Encoding"):
        length = as_position(response.headers.get("Content-Length", ""))
        total = None if length is None else offset + length
    return Download(response.status_code, total, offset, media_type(response), most_bytes, response)
