"""One error tree for every service. Callers catch these and never the HTTP library's own.

    ServiceError                 str(error) is a sentence for people; .detail is for the log
    ├── Rejected                 permanent: understood and refused, nothing was started
    │   ├── Unauthorized         401, 403: the key or the plan does not allow it
    │   ├── MissingCredits       402: the balance is too low
    │   ├── NotFound             404: unknown id (or one that is not readable yet)
    │   ├── AlreadyExists        409: this reserved id was accepted before
    │   ├── Invalid              400, 413, 415, 422: .fields says what is wrong where
    │   └── Moderated            the content rules refused it
    ├── Unavailable              transient: worth another try, .retry_after says when
    │   ├── RateLimited          429: not acted on
    │   │   └── Held             not even sent: the service rests, and so does everybody who calls it
    │   ├── Unreachable          never reached the service: not acted on
    │   ├── Unclear              a write was sent and its answer is lost: it may have acted
    │   └── Truncated            a download ended early; continue from where it stopped
    ├── LinkExpired              a signed link no longer works; ask for a fresh one
    └── TooLarge                 a result beyond the size that the caller wants to keep

An error code in the service's answer (MISSING_CREDITS …) decides the class before the status does.
"""

from collections.abc import Sequence


class ServiceError(Exception):
    """A call to a service failed.

    `detail` is for the log: it holds neither the key nor the query of a signed link.
    `may_have_acted` is true when the service may have done (and charged) what was asked.
    """

    def __init__(self, message: str, *, detail: str = "", may_have_acted: bool = False) -> None:
        super().__init__(message)
        self.detail = detail
        self.may_have_acted = may_have_acted


class Rejected(ServiceError):
    """The service understood and refused; asking again the same way will not help.

    `said` holds the service's own words: they may be read for what they name, and are never shown."""

    def __init__(
        self, message: str, *, detail: str = "", status: int = 0, code: str = "", said: str = ""
    ) -> None:
        super().__init__(message, detail=detail)
        self.status = status
        self.code = code
        self.said = said


class Unauthorized(Rejected):
    """The key is wrong, or the plan does not include what was asked."""


class MissingCredits(Rejected):
    """The balance does not cover the request."""


class NotFound(Rejected):
    """The service does not know the id. Right after a submit this may only mean "not yet"."""


class AlreadyExists(Rejected):
    """The id we reserved is taken: an earlier try was accepted."""


class Invalid(Rejected):
    """The request does not fit the service's rules. `fields` holds (where, what is wrong) pairs."""

    def __init__(
        self,
        message: str,
        *,
        detail: str = "",
        status: int = 422,
        code: str = "",
        said: str = "",
        fields: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message, detail=detail, status=status, code=code, said=said)
        self.fields = list(fields)


class Moderated(Rejected):
    """The service's content rules refused the prompt or an input."""


class Unavailable(ServiceError):
    """A passing trouble. `retry_after` is the pause in seconds that the service asked for, if it did."""

    def __init__(
        self,
        message: str,
        *,
        detail: str = "",
        may_have_acted: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, detail=detail, may_have_acted=may_have_acted)
        self.retry_after = retry_after


class RateLimited(Unavailable):
    """Too many requests; this one was not acted on."""


class Held(RateLimited):
    """Kept back here: all processes share what the service takes. `retry_after` says when to come again."""


class Unreachable(Unavailable):
    """The service could not be reached, so nothing was sent."""


class Unclear(Unavailable):
    """A write left us and no readable answer came back: look it up before any second try."""

    def __init__(self, message: str, *, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, detail=detail, may_have_acted=True, retry_after=retry_after)


class Truncated(Unavailable):
    """A download ended before its announced length."""


class LinkExpired(ServiceError):
    """A signed link was refused; the service hands out fresh ones on request."""


class TooLarge(ServiceError):
    """A result is larger than the caller wants to keep."""
