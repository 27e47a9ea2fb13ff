"""The two kinds of failure: an element that cannot be processed, and a fault of ours or of the environment."""

from typing import Literal, get_args

Reason = Literal[
    # feeds and pages: the wire
    "bad_url", "bad_redirect", "connection_failed", "dns_failed", "private_address", "redirect_loop",
    "broken_answer", "timeout", "tls_failed", "too_large", "too_many_redirects",
    # answers
    "http_401", "http_403", "http_404", "http_410", "http_429", "http_4xx", "http_5xx",
    "empty_response", "not_a_feed", "not_html", "unreadable_feed", "undecodable",
    "robots_disallow", "robots_unreachable", "challenge", "tdm_reserved",
    # text
    "no_text", "not_an_article", "too_short",
    # files
    "unreadable_file",
    # store
    "mapping_conflict", "rejected_by_store", "document_too_large",
    # faults
    "crashed", "internal_error",
]  # fmt: skip

REASONS: tuple[str, ...] = get_args(Reason)

FilterReason = Literal[
    "too_old", "noindex", "noarchive", "tdm_reserved", "not_an_article", "other_site", "too_many_hops", "suppressed"
]  # fmt: skip


class NewsbeamError(Exception):
    """A failure with one line for the user: what was received, and the remedy."""


class StageError(NewsbeamError):
    """This element cannot be processed; the stage border makes it a dead letter.

    `reason` is one of `REASONS`; `retryable` says whether the same input may succeed later. Survives pickling.
    """

    def __init__(self, reason: Reason, message: str, *, retryable: bool = False) -> None:
        super().__init__(reason, message, retryable)
        self.reason, self.message, self.retryable = reason, message, retryable

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_stage_error, (self.reason, self.message, self.retryable)

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


def _rebuild_stage_error(reason: Reason, message: str, retryable: bool) -> StageError:
    return StageError(reason, message, retryable=retryable)


class ConfigurationError(NewsbeamError):
    """Wrong usage or configuration: exit 2."""


class StoreError(NewsbeamError):
    """The store cannot be used as it is (unreachable, refused, full, blocked): the run stops, nothing is lost."""


class WrongStoreError(StoreError):
    """What `--store` names is not there, or is no store of newsbeam's: exit 2."""


class SchemaVersionError(StoreError):
    """A store of another schema version: exit 2."""


def http_error(status_code: int, url: str) -> StageError:
    """Return the failure that a status of 400 or more means; 408, 425, 429 and 5xx may mend by waiting."""
    named: dict[int, Reason] = {
        401: "http_401", 403: "http_403", 404: "http_404", 410: "http_410", 429: "http_429"
    }  # fmt: skip
    reason = named.get(status_code, "http_5xx" if status_code >= 500 else "http_4xx")
    retryable = status_code >= 500 or status_code in (408, 425, 429)
    return StageError(reason, f"{url}: the server answered {status_code}", retryable=retryable)
