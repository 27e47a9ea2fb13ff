"""The proxy that the environment names (`http_proxy`, `https_proxy`, `no_proxy`), and what must never go through it.

Behind a proxy we do not see where a name leads, so the check of addresses becomes one of names. Addresses that are not
public, single labels and the private top-level names are never handed to it: they are asked for directly, where the
check of addresses refuses them.
"""

import base64
import ipaddress
import urllib.request
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from transforms.errors import ConfigurationError
from transforms.web.addresses import is_public

# RFC 6761 and 6762, RFC 8375, and what ICANN keeps for private use (`internal`); the others are what routers make up.
_PRIVATE_SUFFIXES = ("localhost", "local", "internal", "home.arpa", "lan", "intranet", "corp", "home", "private")


class Proxy(NamedTuple):
    """Where the proxy listens, and what it wants to hear before it serves us."""

    host: str
    port: int
    authorization: str | None = None

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"  # never the password


def environment_proxies() -> Mapping[str, str]:
    """Return the proxies that the environment names, by scheme; `no` holds the exceptions."""
    return urllib.request.getproxies_environment()


def proxy_for(scheme: str, host: str, port: int, proxies: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for a request, None when it goes directly. Raises `ConfigurationError` for a useless one."""
    named = proxies.get(scheme) or proxies.get("all")
    if not named or is_private_name(host) or _is_excepted(f"{host}:{port}", proxies):
        return None
    parts = urlsplit(named if "://" in named else f"http://{named}")
    try:
        found_port = parts.port
    except ValueError:
        found_port = None
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigurationError(
            f"the {scheme} proxy of the environment is no http:// address with a host; only such proxies are used"
        )
    authorization = None
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(secret.encode()).decode("ascii")
    return Proxy(parts.hostname, found_port or 80, authorization)


def _is_excepted(host: str, proxies: Mapping[str, str]) -> bool:
    return bool(urllib.request.proxy_bypass_environment(host, dict(proxies)))  # type: ignore[attr-defined]


def is_private_name(host: str) -> bool:
    """Tell whether a host is of somebody's own network by its name alone, or an address that is not public.

    >>> [is_private_name(host) for host in ("localhost", "printer.local", "10.0.0.1", "gazette.example", "[::1]")]
    [True, True, True, False, True]
    """
    host = host.strip("[]").rstrip(".").lower()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{suffix}" for suffix in _PRIVATE_SUFFIXES))
    return not is_public(host)
