"""What kind of article a page says it is: behind a paywall, an opinion, a live blog, an agency's copy."""

import re
from collections.abc import Iterable, Sequence

from transforms.elements import Removed
from transforms.text.authors import AGENCIES
from transforms.text.clean import fold

# Names of sections, and words of a path; a host or a headline may say "opinion", too.
_OPINION_NAMES = (
    "opinion opinions commentisfree comment comments commentary commentaries editorial editorials op-ed columns "
    "columnists viewpoint viewpoints meinung kommentar kommentare leitartikel tribune tribunes chroniques edito "
    "opinión opiniones tribuna editoriale editoriali opinioni opinião opiniao colunas opinie opinies felietony "
    "komentarze мнение мнения 社説 オピニオン"
)
_LIVE_NAMES = (
    "live liveblog live-blog liveblogs live-news live-updates liveticker live-ticker newsticker en-direct en-vivo "
    "ao-vivo diretta"
)
_OPINION, _LIVE = frozenset(_OPINION_NAMES.split()), frozenset(_LIVE_NAMES.split())
_LIVE_TYPE = "LiveBlogPosting"  # schema.org

_NAMES = "|".join(sorted(map(re.escape, AGENCIES), key=len, reverse=True))
# "BERLIN, May 3 (Reuters) -", "Wien (APA/dpa)", "München (dpa/lby)".
_DATELINE = re.compile(rf"[^.!?]{{0,80}}[(\[](?P<name>{_NAMES})(?:/[\w-]{{1,12}}){{0,2}}[)\]]", re.I)
# A line of copyright is an agency's where it is written as agencies are: "PA" is a state, Getty's are pictures.
_OWNERS = {
    "Reuters": "Reuters", "Associated Press": "AP", "AP": "AP", "AFP": "AFP", "Agence France-Presse": "AFP",
    "dpa": "dpa", "EFE": "EFE", "ANSA": "ANSA", "Xinhua": "Xinhua", "TASS": "TASS", "Kyodo": "Kyodo",
    "Bloomberg": "Bloomberg", "Europa Press": "Europa Press", "Canadian Press": "The Canadian Press",
}  # fmt: skip
_OWNER = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, _OWNERS), key=len, reverse=True)) + r")\b")

# Facebook's `article:content_tier`; schema.org's isAccessibleForFree, in JSON-LD and as microdata.
_FREE = {"free": True, "true": True, "locked": False, "metered": False, "false": False}


def read_free(values: Iterable[str | None]) -> bool | None:
    """Return whether an article can be read for free by the first value that says so; None when none does."""
    folded = (value.rsplit("/", 1)[-1].strip().casefold() for value in values if value)
    return next((_FREE[value] for value in folded if value in _FREE), None)


def is_opinion(url: str, section: str | None, kinds: Sequence[str]) -> bool:
    """Say whether the schema.org types, the section or the path call an article somebody's opinion."""
    return any("Opinion" in kind for kind in kinds) or fold(section or "") in _OPINION or bool(_path(url) & _OPINION)


def is_live_blog(url: str, kinds: Sequence[str]) -> bool:
    """Say whether the schema.org types or the path call an article a live blog."""
    return _LIVE_TYPE in kinds or bool(_path(url) & _LIVE)


def agency_of(
    body: str, removed: Iterable[Removed], houses: Iterable[str | None], *, site_name: str | None
) -> str | None:
    """Return the agency whose copy an article is: by its dateline, a copyright line, or one of `houses`.

    `houses` are organisations that the page's JSON-LD credits; an agency's own site is no syndication.
    """
    if dateline := _DATELINE.match(body):
        return AGENCIES[dateline["name"].lower()]
    own = AGENCIES.get(fold(site_name or ""))
    named = (AGENCIES.get(fold(house)) for house in houses if house)
    owners = (_OWNERS[match[0]] for line in removed if line.rule == "copyright" and (match := _OWNER.search(line.text)))
    return next((agency for agency in (*named, *owners) if agency and agency != own), None)


def _path(url: str) -> set[str]:
    return {segment.lower() for segment in url.split("/")[3:-1]}
