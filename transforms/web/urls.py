"""What a URL is to newsbeam: its normal form (the ledger's key), its site (politeness, identity), its document id.

The only module of `transforms/web` that the other folders may import.
"""

import hashlib
import ipaddress
import re
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from transforms.errors import StageError

MAX_URL_CHARS = 2048  # of the normal form; longer ones are traps or carry state, and some servers refuse them
_MAX_RAW_CHARS = 4 * MAX_URL_CHARS  # before tracking parameters go; bounds the work on a stranger's string
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that name a click or a campaign, never a document. Only names with one documented meaning: `ref`,
# `partner`, `smid` or `cmp` select content on some sites and stay.
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_campaign", "pk_kwd", "at_custom", "hsa_")
_TRACKING_NAMES = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
    "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "oly_anon_id", "oly_enc_id", "vero_id", "wickedid",
    "at_medium", "at_campaign", "at_format", "at_link_id", "at_link_type", "at_link_origin", "at_ptr_name",
})  # fmt: skip

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_EDGES = "".join(map(chr, range(0x21)))  # feeds wrap links in line breaks; WHATWG strips C0 and space at both ends
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "%/:@!$&'()*+,;="
_QUERY_SAFE = _PATH_SAFE + "?"


class UrlParts(NamedTuple):
    """The document's `url.*` fields: `domain` is the host, `registered_domain` its registrable part."""

    full: str
    domain: str
    registered_domain: str
    path: str


def normalize_url(url: str, base: str | None = None) -> str:
    """Return the ledger's key of a URL: absolute http(s), lower-case ASCII host, no default port, fragment or tracking.

    Escapes follow RFC 3986 6.2.2 (unreserved characters bare, upper-case digits, dot segments resolved); what is left
    of the query keeps its order. `base` resolves a relative URL. Idempotent. Raises `StageError("bad_url")` for
    anything else: another scheme, credentials, no valid host, control characters, more than 2048 characters.
    """
    text = url.strip(_EDGES)
    if not text or len(text) > _MAX_RAW_CHARS:
        raise _bad(url, "is empty" if not text else f"is longer than {MAX_URL_CHARS} characters")
    if _CONTROLS.search(text):
        raise _bad(url, "contains control characters")
    parts, port = _split(text, base)
    if parts.scheme not in _DEFAULT_PORTS:
        raise _bad(url, "is not an absolute http or https URL")
    if "@" in parts.netloc:
        raise _bad(url, "carries credentials", secret=True)
    host = _host(url, parts)
    if port == 0:
        raise _bad(url, "has port 0")
    netloc = host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    path = _without_dot_segments(_escaped(url, parts.path, _PATH_SAFE)) or "/"
    query = _escaped(url, _without_tracking(parts.query), _QUERY_SAFE)
    normal = f"{parts.scheme}://{netloc}{path}" + (f"?{query}" if query else "")
    if len(normal) > MAX_URL_CHARS:
        raise _bad(url, f"is longer than {MAX_URL_CHARS} characters")
    return normal


def site_key(url: str) -> str:
    """Return the unit of politeness and identity: the registrable domain, or host:port where there is none.

    Registrable by the bundled public-suffix list with its private part (evil.blogspot.com is its own site); addresses
    and single-label hosts keep their port (localhost:8080). `url` is absolute; raises `StageError("bad_url")`.
    """
    parts, port = _split(url)
    host = _host(url, parts)
    if _is_registrable(host):
        return registered_domain(host)
    return f"{host}:{port or _DEFAULT_PORTS.get(parts.scheme, 0)}"


def origin(url: str) -> str:
    """Return scheme://host[:port], what a robots.txt speaks for. `url` is in normal form."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def url_parts(url: str) -> UrlParts:
    """Return the parts of a normal URL that documents are searched by; an address is its own registered domain."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return UrlParts(url, host, registered_domain(host) if _is_registrable(host) else host, parts.path or "/")


def believable_canonical(claimed: str | None, requested: str) -> str | None:
    """Return the normal form of the URL that a page claims as its own, None when it is not to be believed.

    Believed only on the same site, and neither the root nor a bare section page while a deeper page was requested:
    templates that name their section on every article would make one document of them all (DESIGN 1.8). A claim
    relative to the page is resolved.
    """
    if not claimed:
        return None
    try:
        url = normalize_url(claimed, base=requested)
        if site_key(url) != site_key(requested):
            return None
    except StageError:
        return None
    segments, asked = _segments(url), _segments(requested)
    if not segments and (asked or not urlsplit(url).query):
        return None
    is_section = len(segments) <= 2 and all(map(_is_section_like, segments)) and not urlsplit(url).query
    return None if is_section and len(asked) > len(segments) else url


def feed_id(url: str) -> str:
    """Return a feed's default id: host and path, and the query where a feed hides in it.

    >>> feed_id("https://gazette.example/world/?feed=rss2")
    'gazette.example/world?feed=rss2'
    """
    parts = urlsplit(normalize_url(url))
    return parts.netloc + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


def file_url(name: str) -> str:
    """Return the URL of a saved page that names no other: `file:` and its relative path, percent-encoded.

    >>> file_url("2024/a page.html")
    'file:2024/a%20page.html'
    """
    return "file:" + quote(name, safe="/-._~")


def document_id(url: str) -> str:
    """Return the document id of a canonical URL: `a1` names the algorithm, then 30 hex digits of SHA-256."""
    return "a1" + hashlib.sha256(url.encode("utf-8")).hexdigest()[:30]


@lru_cache(maxsize=16_384)
def registered_domain(host: str) -> str:
    """Return the registrable domain of a host of two or more labels; a public suffix itself is returned whole."""
    found = _suffix_list()(host)
    if found.suffix:
        return f"{found.domain}.{found.suffix}" if found.domain else str(found.suffix)
    # The prevailing rule of publicsuffix.org is `*`: of gazette.example or feeds.corp.local two labels are a site.
    return ".".join(host.rsplit(".", 2)[-2:])


@cache
def _suffix_list() -> Any:
    # Imported late: it brings an HTTP client with it (which stays unused) and most commands need no suffix list.
    import tldextract

    # Only the snapshot in the package: no download, no cache directory, the same sites on every worker.
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def _split(url: str, base: str | None = None) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        return parts, parts.port
    except ValueError as err:
        raise _bad(url, f"cannot be read ({err})") from err


def _is_registrable(host: str) -> bool:
    return "." in host and not host.startswith("[") and ":" not in host and not host.rsplit(".", 1)[-1].isdigit()


def _host(url: str, parts: SplitResult) -> str:
    """Return the host as ASCII in lower case, an IPv6 address in brackets. Raises `StageError("bad_url")`."""
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.rpartition("@")[2].startswith("["):
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError as err:
            raise _bad(url, "has an unreadable IPv6 address") from err
        if address.scope_id:
            raise _bad(url, "has an IPv6 address with a zone")
        return f"[{address}]"
    if not host.isascii():
        host = _idna(url, host)
    labels = host.split(".")
    if not host or len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise _bad(url, "has no valid host")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        # 127.1, 0x7f.0.0.1 and 2130706433 are loopback to a resolver: only the dotted form is a name for an address.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as err:
            raise _bad(url, "has an unreadable IPv4 address") from err
    return host


def _idna(url: str, host: str) -> str:
    import idna  # UTS 46 as browsers do it; the codec of the standard library is IDNA 2003 (it makes ss of sharp s)

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as err:
        raise _bad(url, "has no valid host") from err


def _escaped(url: str, text: str, safe: str) -> str:
    try:
        text = quote(text, safe=safe)
    except UnicodeEncodeError as err:
        raise _bad(url, "contains half of a surrogate pair") from err
    return _ESCAPE.sub(_normal_escape, _LONE_PERCENT.sub("%25", text))


def _normal_escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else f"%{match[1].upper()}"


def _without_dot_segments(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    directory = path.endswith(("/.", "/.."))
    return "/" + "/".join(kept) + ("/" if directory and kept else "")


def _without_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair.partition("=")[0].lower()))


def _is_tracking(name: str) -> bool:
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def _segments(url: str) -> list[str]:
    return [segment for segment in urlsplit(url).path.split("/") if segment]


def _is_section_like(segment: str) -> bool:
    """Tell `world` and `middle-east` from a slug, a number or a file."""
    return not any(map(str.isdigit, segment)) and segment.count("-") <= 1 and "." not in segment.removesuffix(".html")


def _bad(url: str, problem: str, *, secret: bool = False) -> StageError:
    shown = "URL" if secret else f"URL {url[:200]!r}"
    return StageError("bad_url", f"{shown} {problem}; give a plain http(s) address")
