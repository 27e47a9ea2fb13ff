"""What a page reserves for its publisher, beside its site: TDM reservation, licences, and whether that keeps it out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from transforms.elements import Rights
from transforms.errors import FilterReason, StageError
from transforms.text.robots_meta import RobotsSignals
from transforms.text.settings import ExtractSettings
from transforms.web.urls import normalize_url

MAX_LICENSES = 10
_LINK = re.compile(r"<([^<>]{1,2000})>([^<]{0,1000})")
_IS_LICENSE = re.compile(r";\s*rel\s*=\s*\"?[^\";]{0,200}\blicense\b", re.I)
_MAX_HEADER_CHARS = 20_000


@dataclass(frozen=True)
class Filtered:
    """A page that is not to become a document, and why: an outcome, not a failure."""

    reason: FilterReason


def read_rights(
    metas: Mapping[str, Sequence[str]],
    links: Iterable[str],
    headers: Iterable[tuple[str, str]],
    *,
    site: Rights,
    url: str,
) -> Rights:
    """Return what holds for a page: of TDM witnesses the most specific (page, header, the site's file); all licences.

    `metas` by lower-case name, `links` are the page's `<link rel=license>`, `site` is what robots.txt and
    /.well-known/tdmrep.json said (W3C TDMRep, RSL 1.0, Content Signals). An unreadable value counts as absent.
    """
    named: dict[str, list[str]] = {}
    for name, value in headers:
        named.setdefault(name.lower(), []).append(value[:_MAX_HEADER_CHARS])
    found = site
    for witness in (named, metas):
        said = (value.strip() for value in witness.get("tdm-reservation", ()))
        reserved = next((value for value in said if value in ("0", "1")), None)
        if reserved is not None:
            policy = next(iter(witness.get("tdm-policy", ())), None)
            found = replace(found, tdm_reserved=reserved == "1", tdm_policy=_absolute(policy, url))
    linked = [
        link for value in named.get("link", ()) for link, rest in _LINK.findall(value) if _IS_LICENSE.search(rest)
    ]
    licenses = (*site.licenses, *(_absolute(link, url) for link in (*links, *linked)))
    return replace(found, licenses=tuple(dict.fromkeys(link for link in licenses if link))[:MAX_LICENSES])


def kept_out(robots: RobotsSignals, rights: Rights, settings: ExtractSettings) -> Filtered | None:
    """Return why a page is to become no document, by what it asks for and how the user answers; None: it may."""
    if settings.noindex == "skip" and (robots.noindex or "search=no" in rights.signals):
        return Filtered("noindex")
    if settings.noarchive == "skip" and robots.noarchive:
        return Filtered("noarchive")
    if settings.tdm == "skip" and rights.tdm_reserved:
        return Filtered("tdm_reserved")
    return None


def _absolute(link: str | None, url: str) -> str | None:
    try:
        return normalize_url(link, url) if link else None
    except StageError:
        return None
