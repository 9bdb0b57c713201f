"""Small pictures that a service points at: fetched whole, over https only, without any key."""

from urllib.parse import urlsplit

from clients.addresses import is_loopback
from clients.errors import LinkExpired, Rejected, ServiceError, TooLarge, Unavailable
from clients.http import Connection
from clients.links import PAGE_TYPES, XML_TYPES, Links

LARGEST_PICTURE_BYTES = 512 * 1024
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 10


class Pictures:
    """Fetches what one service points at. Plain http is allowed only from loopback to loopback."""

    def __init__(self, service: str, base_url: str) -> None:
        connection = Connection(
            base_url, "", connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, read_retries=0
        )
        # A drawing is XML, and may be sent as what it is: its content decides.
        self._links = Links(service, connection, PAGE_TYPES - XML_TYPES)
        self._local = is_loopback(base_url)

    def fetch(self, url: str) -> bytes:
        """The file. Raises Unavailable when it may come another time, else another ServiceError.

        Each wait is limited, not their sum: a caller in a hurry must be able to end this from outside."""
        if not self._may_open(url):
            raise Rejected("The picture's address is not an https address.", detail="address refused")
        try:
            with self._links.download(url, 0, LARGEST_PICTURE_BYTES) as download:
                return b"".join(download.chunks())
        except ServiceError as error:
            failure = in_words_of_pictures(error)
        raise failure

    def _may_open(self, url: str) -> bool:
        try:
            scheme = urlsplit(url).scheme
        except ValueError:
            return False
        return scheme == "https" or (scheme == "http" and self._local and is_loopback(url))


def in_words_of_pictures(error: ServiceError) -> ServiceError:
    """The same failure, said of a picture: links otherwise lead to results that people wait for."""
    if isinstance(error, LinkExpired):
        return LinkExpired("There is no picture at its address.", detail=error.detail)
    if isinstance(error, TooLarge):
        most = LARGEST_PICTURE_BYTES // 1024
        return TooLarge(f"The picture is larger than the {most} KB that are taken.", detail=error.detail)
    if isinstance(error, Unavailable):
        return Unavailable("The picture's server can't be reached or doesn't answer.", detail=error.detail)
    return Rejected("The picture's address leads where the studio doesn't follow.", detail=error.detail)
