"""How to reach Elasticsearch, as a value that a pipeline may carry to its workers: it holds no secret."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from transforms.elastic.address import find_address
from transforms.elastic.connection import Connection


@dataclass(frozen=True, kw_only=True)
class ConnectionSettings:
    """Where Elasticsearch is and how long it is waited for.

    `url` None: `ES_URL` or `ES_CLOUD_ID` of the worker. Credentials (`ES_API_KEY`, or `ES_USERNAME` and `ES_PASSWORD`)
    and the certificate authority (`ES_CA_CERT`, `ES_CA_FINGERPRINT`) are read from the worker's environment when it
    connects. Where they come from elsewhere, such as a vault, `variables` is a function that returns them by those
    names; it is called on the worker, and what it returns is never part of the graph. Raises `ConfigurationError` for a
    `url` that is none, or that has credentials in it.
    """

    url: str | None = None
    variables: Callable[[], Mapping[str, str]] | None = field(default=None, repr=False)
    retry_within_s: float = 120.0
    blocked_within_s: float = 900.0

    def __post_init__(self) -> None:
        if self.url is not None:
            find_address(self.url, {})

    def connect(self) -> Connection:
        """Return a connection; reads the environment, sends nothing yet. Raises `ConfigurationError`."""
        variables = os.environ if self.variables is None else self.variables()
        return Connection(find_address(self.url, variables), retry_within_s=self.retry_within_s)
