"""A connection to Elasticsearch: the one file here that knows the client library, its errors and when to try again.

A request whose fate is unknown (a time-out after sending, a node killed in the middle) is simply sent again: reads
change nothing, and all of newsbeam's own writes carry an id and an external version, or what they replace.
"""

import logging
import os
import random
import re
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from elastic_transport import TlsError
from elasticsearch import (
    ApiError,
    ConnectionTimeout,
    Elasticsearch,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch import ConnectionError as NoConnection
from elasticsearch.serializer import OrjsonSerializer
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from transforms.elastic.address import Address
from transforms.elastic.faults import RefusalError, cut, explain, read_error, unread, verdict
from transforms.errors import ConfigurationError, StoreError

logger = logging.getLogger(__name__)

REQUEST_TIMEOUT_S = 30.0
FIRST_CONTACT_S = 3.0  # a server that never answered is more likely a wrong address than one that restarts
MAX_RETRY_AFTER_S = 60.0
FIRST_PAUSE_S, MAX_PAUSE_S = 0.2, 10.0

Answer = TypeVar("Answer")


class PassingError(StoreError):
    """A failure that may pass by itself; raised to the caller only when it did not, with a message for the user.

    `overload`: the server had no room, or was too slow, so that less should be asked of it. `progressed`: a part of
    what was asked was done, so that the time for trying and the pauses begin anew.
    """

    def __init__(
        self, message: str, retry_after_s: float = 0.0, *, overload: bool = False, progressed: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s, self.overload, self.progressed = retry_after_s, overload, progressed


class Connection:
    """Requests with bounded retries; every failure is a `StoreError` with the remedy and without credentials."""

    def __init__(self, address: Address, *, retry_within_s: float) -> None:
        self.where = address.shown
        self._retry_within_s = retry_within_s
        self._answered = False  # there is a server
        self._served = False  # it knows us
        self._client = _client(address)

    def ask(self, request: Callable[[Elasticsearch], Any]) -> Any:
        """Return the body of the answer to a request, tried again while it may pass."""
        return self.repeat(lambda: self.ask_once(request))

    def repeat(self, attempt: Callable[[], Answer]) -> Answer:
        """Return what `attempt` returns; made again after `PassingError`, with full jitter, within the limit."""
        patience = _Patience(self._limit_s)
        retrying = Retrying(
            retry=retry_if_exception_type(PassingError),
            stop=patience.is_over,
            wait=patience.pause_s,
            before_sleep=_log_retry,
            reraise=True,
        )
        return retrying(attempt)

    def _limit_s(self) -> float:
        return self._retry_within_s if self._answered else min(self._retry_within_s, FIRST_CONTACT_S)

    def ask_once(self, request: Callable[[Elasticsearch], Any]) -> Any:
        """Return the body of the answer. Raises `PassingError` for what may pass, `StoreError` for the rest."""
        try:
            answer = request(self._client)
        except UnsupportedProductError as err:
            raise StoreError(f"{self.where} answers, but is not Elasticsearch: check ES_URL or --store") from err
        except ApiError as err:
            self._answered = True
            raise self._refusal(err) from err
        except TransportError as err:
            raise self._unreachable(err) from err
        self._answered = self._served = True
        if word := unread(answer.body):
            raise PassingError(explain(503, word, "", where=self.where))
        return answer.body

    def close(self) -> None:
        self._client.close()

    def _refusal(self, err: ApiError) -> StoreError:
        word, reason = read_error(err.body)
        message = explain(err.meta.status, word, reason, where=self.where)
        # A node that starts knows nobody until it has its security index back: seen for seconds after a kill -9.
        starting = err.meta.status == 401 and self._served
        if starting or verdict(err.meta.status, word, reason) == "again":
            asked_s = _seconds(err.meta.headers.get("retry-after"))
            return PassingError(message, asked_s, overload=err.meta.status == 429)
        return RefusalError(message, status=err.meta.status, type=word)

    def _unreachable(self, err: TransportError) -> StoreError:
        said = _without_objects(str(err.message))
        if isinstance(err, TlsError):
            remedy = (
                "it does not speak TLS on that port: write http://"
                if "WRONG_VERSION_NUMBER" in said or "record layer failure" in said
                else "name its certificate authority in ES_CA_CERT (a file) or ES_CA_FINGERPRINT"
            )
            return StoreError(f"no TLS connection to Elasticsearch at {self.where} ({said}): {remedy}")
        if isinstance(err, ConnectionTimeout):
            return PassingError(
                f"Elasticsearch at {self.where} did not answer within {REQUEST_TIMEOUT_S:.0f} s: {said}", overload=True
            )
        if isinstance(err, NoConnection):
            remedy = "is it running, and is the address right?"
            if "http://" in self.where and not self._answered:
                remedy += " A server that wants TLS needs https:// here"
            return PassingError(f"Elasticsearch at {self.where} cannot be reached ({said}): {remedy}")
        return StoreError(f"Elasticsearch at {self.where} gave an answer that cannot be read: {said}")


def _client(address: Address) -> Elasticsearch:
    options: dict[str, Any] = {
        "request_timeout": REQUEST_TIMEOUT_S,
        "max_retries": 0,  # the transport's own retries come without a pause
        "retry_on_timeout": False,
        "serializer": OrjsonSerializer(),
        "http_compress": address.cloud_id is not None,  # 17 times the CPU and half the throughput on a near server
    }
    if address.cloud_id:
        options["cloud_id"] = address.cloud_id
    else:
        options["hosts"] = list(address.hosts)
    if address.ca_certs and not os.access(address.ca_certs, os.R_OK):
        raise ConfigurationError(f"ES_CA_CERT: {address.ca_certs} cannot be read; name a PEM file")
    if (address.ca_certs or address.fingerprint) and any(host.startswith("http://") for host in address.hosts):
        raise ConfigurationError(f"{address.shown}: ES_CA_CERT and ES_CA_FINGERPRINT go with https:// only")
    given = {
        "api_key": address.api_key,
        "basic_auth": address.basic_auth,
        "ca_certs": address.ca_certs,
        "ssl_assert_fingerprint": address.fingerprint,
    }
    options |= {name: value for name, value in given.items() if value}
    try:
        return Elasticsearch(**options)
    except (ValueError, OSError) as err:
        # Its words may repeat a key or a cloud id, so only what is no secret is shown.
        raise ConfigurationError(
            f"the settings for Elasticsearch at {address.shown} cannot be used: "
            "check ES_CLOUD_ID, ES_CA_CERT (a PEM file) and ES_CA_FINGERPRINT (SHA-256 in hexadecimal)"
        ) from (None if address.cloud_id else err)


class _Patience:
    """How long to pause, and when to give up: both begin anew with each progress.

    A server that takes a part of each request is slow, not away. With pauses that grew all the same, two runs against a
    write queue of one stood still for up to two minutes.
    """

    def __init__(self, limit_s: Callable[[], float]) -> None:
        self._limit_s, self._since, self._attempts = limit_s, monotonic(), 0

    def pause_s(self, state: RetryCallState) -> float:
        """Return the pause before the next attempt: a random part of 0.2 s, doubled with each, up to 10 s."""
        error = state.outcome.exception() if state.outcome else None
        self._attempts += 1
        if isinstance(error, PassingError) and error.progressed:
            self._since, self._attempts = monotonic(), 1
        asked = error.retry_after_s if isinstance(error, PassingError) else 0.0
        # Full jitter: many workers do not come back together.
        return max(asked, random.uniform(0, min(FIRST_PAUSE_S * 2.0 ** min(self._attempts - 1, 10), MAX_PAUSE_S)))

    def is_over(self, state: RetryCallState) -> bool:
        """Say whether the next attempt would come too long after the last progress."""
        return monotonic() - self._since + state.upcoming_sleep > self._limit_s()


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.debug("attempt %d failed, again in %.1f s: %s", state.attempt_number, state.upcoming_sleep, error)


def _seconds(header: str | None) -> float:
    """Return Retry-After in seconds; a date, or nothing, is 0: our own pause serves as well."""
    return min(float(header), MAX_RETRY_AFTER_S) if header and header.isascii() and header.isdigit() else 0.0


def _without_objects(message: str) -> str:
    """Return the client's words without its object in front: `HTTPConnection(host='...'): Failed to ...`."""
    return cut(re.sub(r"^(?:<[^>]*>|HTTPS?Connection(?:Pool)?\([^)]*\)): ", "", message))
