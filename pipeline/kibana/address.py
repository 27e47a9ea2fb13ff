"""Where Kibana is and how we show who we are: from the environment, never from options (CONTRACT: secrets)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from transforms.errors import ConfigurationError

_SPACE = re.compile(r"[a-z0-9_-]{1,100}")


@dataclass(frozen=True, kw_only=True)
class KibanaAddress:
    """An address and credentials. Only `url` may appear in messages; what is secret stays out of `repr`."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    ca_certs: str | None = None


def find_kibana(environ: Mapping[str, str]) -> KibanaAddress:
    """Return the address of `KIBANA_URL` with the credentials that Elasticsearch has, which Kibana hands on to it.

    Raises `ConfigurationError` naming the variable and the remedy, without its secret parts.
    """
    get = {name: value.strip() for name, value in environ.items() if value.strip()}.get
    text = get("KIBANA_URL")
    if text is None:
        raise ConfigurationError("no address of Kibana: set KIBANA_URL, such as http://localhost:5601")
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable or parts.query or parts.fragment:
        shown = text.rpartition("@")[2].partition("?")[0][:200]
        raise ConfigurationError(
            f"KIBANA_URL: {shown!r} is no address of a server; write scheme, host and port, such as "
            "http://localhost:5601, and server.basePath if Kibana has one"
        )
    in_url = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    user, password = get("ES_USERNAME"), get("ES_PASSWORD")
    if bool(user) != bool(password):
        missing = "ES_PASSWORD" if user else "ES_USERNAME"
        raise ConfigurationError(f"{missing} is missing: set ES_USERNAME and ES_PASSWORD together, or ES_API_KEY")
    basic_auth = (user, password) if user and password else in_url
    api_key = get("ES_API_KEY") or (None if basic_auth else get("ES_LOCAL_API_KEY"))
    return KibanaAddress(
        url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}",
        api_key=api_key,
        basic_auth=None if api_key else basic_auth,  # a key says more narrowly who we are
        ca_certs=get("ES_CA_CERT"),
    )


def check_space(text: str) -> str:
    """Return the id of a space. Raises `ConfigurationError` for what cannot be one: it becomes part of an address."""
    if not _SPACE.fullmatch(text):
        raise ConfigurationError(f"--space: {text[:100]!r} is no id of a space; it has a-z, 0-9, '_' and '-' only")
    return text
