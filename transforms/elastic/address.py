"""Where Elasticsearch is and how we show who we are: from the environment, never from options (CONTRACT: secrets)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from transforms.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address and credentials. Only `shown` may appear in messages; everything secret stays out of `repr`."""

    hosts: tuple[str, ...]
    cloud_id: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    ca_certs: str | None = None
    fingerprint: str | None = None

    @property
    def shown(self) -> str:
        """The address without credentials, for messages."""
        return ", ".join(self.hosts) or "the address of ES_CLOUD_ID"


def find_address(url: str | None, environ: Mapping[str, str]) -> Address:
    """Return the address of an option (`url`), else of the environment, with the environment's credentials.

    `ES_URL` may list several hosts with commas, and may hold user and password. Raises `ConfigurationError` naming the
    variable and the remedy, without its secret parts.
    """
    get = {name: value.strip() for name, value in environ.items() if name.startswith("ES_") and value.strip()}.get
    cloud_id = get("ES_CLOUD_ID") if url is None and not get("ES_URL") else None
    hosts, in_url = ((), None) if cloud_id else _hosts(url, get)
    api_key = get("ES_API_KEY")
    basic_auth = _basic_auth(get("ES_USERNAME"), get("ES_PASSWORD")) or in_url
    if not api_key and not basic_auth:
        api_key = get("ES_LOCAL_API_KEY")
    return Address(
        hosts=hosts,
        cloud_id=cloud_id,
        api_key=api_key,
        basic_auth=None if api_key else basic_auth,  # the client takes one of them; a key says more narrowly who we are
        ca_certs=get("ES_CA_CERT"),
        fingerprint=get("ES_CA_FINGERPRINT"),
    )


def _hosts(option: str | None, get: Callable[[str], str | None]) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    """Return the hosts without credentials, and the credentials that stood in them."""
    source = "store or state" if option is not None else "ES_URL" if get("ES_URL") else "ES_LOCAL_URL"
    text = option if option is not None else get(source)
    if text is None:
        raise ConfigurationError(
            "no address of Elasticsearch: set ES_URL (such as http://localhost:9200) or ES_CLOUD_ID, "
            "or name it: --store or --state http://localhost:9200"
        )
    parts = [_parse(each.strip(), source) for each in text.split(",") if each.strip()]
    if not parts:
        raise ConfigurationError(f"{source} holds no address; write one such as http://localhost:9200")
    hosts = tuple(f"{part.scheme}://{part.netloc.rpartition('@')[2]}{part.path.rstrip('/')}" for part in parts)
    user = next((part for part in parts if "@" in part.netloc), None)
    if user is None:
        return hosts, None
    if option is not None:  # options stay in the shell's history and in the list of processes
        raise ConfigurationError(
            f"{hosts[0]}: credentials do not belong in options; set ES_API_KEY, or ES_USERNAME and ES_PASSWORD"
        )
    return hosts, (unquote(user.username or ""), unquote(user.password or ""))


def _parse(text: str, source: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port
    except ValueError:
        parts, usable = urlsplit(""), None
    if not usable:
        shown = text.rpartition("@")[2].partition("?")[0][:200]
        raise ConfigurationError(
            f"{source}: {shown!r} is no address of a server; write scheme, host and port, such as http://localhost:9200"
        )
    return parts


def _basic_auth(user: str | None, password: str | None) -> tuple[str, str] | None:
    if user and password:
        return user, password
    if user or password:
        missing = "ES_PASSWORD" if user else "ES_USERNAME"
        raise ConfigurationError(f"{missing} is missing: set ES_USERNAME and ES_PASSWORD together, or ES_API_KEY")
    return None
