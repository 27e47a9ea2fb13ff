"""What single values of a configuration must look like: a value comes back, or a `ValueError` with the choices."""

import ipaddress
import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pipeline.engines import RUNNERS
from transforms.enrich import ENRICHERS
from transforms.enrich.tagging.spacy_engine import check_engine as check_entity_engine
from transforms.errors import ConfigurationError

CONTACT_CHOICES = "an e-mail address or a URL where site owners reach you"
STORE_CHOICES = "a path, sqlite:PATH, elasticsearch, or http(s)://host:9200"
STATE_CHOICES = "a path, sqlite:PATH, elasticsearch, or http(s)://host:9200"


def check_project(text: str) -> str:
    """Return a project's name, which is part of index names. Raises `ValueError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", text):
        raise ValueError("lower-case letters, digits and hyphens, such as elections")
    return text


def check_timezone(name: str) -> str:
    """Return an IANA name that this machine knows. Raises `ValueError`."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError) as err:
        raise ValueError("an IANA time zone, such as Europe/Berlin") from err
    return name


def check_contact(text: str) -> str:
    """Return a contact that can stand in a user agent. Raises `ValueError`."""
    plain = len(text) <= 200 and text.isascii() and text.isprintable() and not re.search(r"[\s()<>\"\\]", text)
    if not plain or not re.fullmatch(r"[^@/]+@[^@/]+\.[^@/]+|https?://[^/]+\.[^/]+(/.*)?", text):
        raise ValueError(CONTACT_CHOICES)
    return text


def check_language(text: str) -> str:
    """Return the primary subtag of a BCP 47 language. Raises `ValueError`."""
    match = re.fullmatch(r"([A-Za-z]{2,3})([-_][A-Za-z0-9-]+)?", text)
    if match is None:
        raise ValueError("a language of two or three letters, such as en")
    return match[1].lower()


def check_host(text: str) -> str:
    """Return a host or site name in lower case. Raises `ValueError`."""
    if not re.fullmatch(r"[\w.-]+(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?", text):
        raise ValueError("a host name, such as gazette.example")
    return text.lower()


def check_address(text: str) -> str:
    """Return an IP address with an optional port (`127.0.0.1:8081`, `[::1]:8081`). Raises `ValueError`."""
    match = re.fullmatch(r"(?:\[([^\]]+)\]|([^:]+)|([^\[\]]*:[^\[\]]*:[^\[\]]*))(?::(\d{1,5}))?", text)
    try:
        if match is None or int(match[4] or 1) not in range(1, 65536):
            raise ValueError
        ipaddress.ip_address(match[1] or match[2] or match[3])
    except ValueError:
        raise ValueError("an address with an optional port, such as 127.0.0.1:8081") from None
    return text


def scheme_of(spec: str) -> tuple[str, str]:
    """Return the scheme of a store's address and what follows its colon; a path has the scheme `""`.

    >>> scheme_of("sqlite:news.db"), scheme_of("/data/a:b/news.db")
    (('sqlite', 'news.db'), ('', '/data/a:b/news.db'))
    """
    if spec.partition("#")[0] == "elasticsearch":
        return "elasticsearch", ""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", spec)
    return (match[1].lower(), spec[match.end() :]) if match else ("", spec)


def check_store(text: str) -> str:
    """Return a store's address. Raises `ValueError` for an unknown kind, and for one that holds credentials."""
    return _check_address(text, STORE_CHOICES)


def check_state(text: str) -> str:
    """Return a ledger's address; on a server, `#project` may stand behind it. Raises `ValueError` as for a store."""
    return _check_address(text, STATE_CHOICES)


def _check_address(text: str, choices: str) -> str:
    scheme, rest = scheme_of(text)
    if scheme in ("http", "https"):
        parts = urlsplit(text)
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"{choices}; credentials come from ES_API_KEY, or ES_USERNAME and ES_PASSWORD")
        valid = bool(parts.hostname)
    else:
        valid = scheme == "elasticsearch" or (scheme in ("", "sqlite", "memory") and bool(rest.strip()))
    if not valid or "\0" in text:
        raise ValueError(choices)
    return text


def check_enricher(name: str) -> str:
    """Return the name of an enricher that there is, its choice of engine with it. Raises `ValueError`."""
    if name.partition(":")[0] not in ENRICHERS:
        raise ValueError(", ".join(ENRICHERS))
    return name


def check_engine(engine: str) -> str:
    """Return an engine of the entities that can be had here. Raises `ValueError`, saying what is missing."""
    try:
        return check_entity_engine(engine)
    except ConfigurationError as err:
        raise ValueError(f"crf, spacy, spacy:PIPELINE ({err})") from err


def check_runner(name: str) -> str:
    """Return the name of a runner that there is. Raises `ValueError`."""
    if name not in RUNNERS:
        raise ValueError(", ".join(RUNNERS))
    return name


def check_http_url(text: str) -> str:
    """Return an http or https address without credentials. Raises `ValueError`."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("an address such as http://localhost:8081")
    return text.rstrip("/")


def host_port(text: str) -> tuple[str, int | None]:
    """Return host and port of `host`, `host:port`, `[::1]:port` or a bare IPv6 address."""
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?", text)
    if match is None:  # a bare IPv6 address
        return text, None
    port = match[2] or match[4]
    return match[1] or match[3], int(port) if port else None
