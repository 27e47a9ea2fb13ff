"""Where a text names a date or a time of day, in the words of English news; nothing is resolved here."""

import re
from collections.abc import Iterator

from transforms.enrich.amounts.numbers import COUNT_WORDS

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_COUNT = rf"(?:\d{{1,3}}|an?|{'|'.join(COUNT_WORDS)}|several|a\sfew|a\scouple\sof)"
_YEAR = r"(?:1[5-9]|20)\d{2}"
# Behind a year, and no noun that the number would count.
_CLOSED = r"(?:\s?[.,;:)]|\s(?:and|or|when|but|as|because|in|to|with|from)\b|\Z)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"

# The order matters: the longest reading first. Month names need their capital ("may 12" is a verb), the rest does not.
# Every alternative is bounded, so the search is linear.
_DATE = re.compile(
    rf"""(?<![\w-])(?:
      (?P<iso>{_YEAR}-(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9]))(?![\w-])
    | (?P<dmy>(?P<dmy_d>{_DAY})(?:st|nd|rd|th|\.)?\s(?:of\s)?(?P<dmy_m>{_MONTH})(?:,?\s(?P<dmy_y>{_YEAR}))?)(?!\w)
    | (?P<mdy>(?P<mdy_m>{_MONTH})\s(?P<mdy_d>{_DAY})(?:st|nd|rd|th)?(?:,?\s(?P<mdy_y>{_YEAR}))?)(?![\w%]|[.,]\d)
    | (?P<my>(?P<my_m>{_MONTH}),?\s(?:of\s)?(?P<my_y>{_YEAR}))(?!\w)
    | (?P<in_month>(?:(?<=[Ii]n\s)|(?<=[Ss]ince\s)|(?<=\bof\s)|(?<=\buntil\s))
        (?:(?:early|mid|late)[\s-])?(?P<in_m>{_MONTH}))(?!\w|\s\d)
    | (?P<ago>(?i:(?P<ago_n>{_COUNT})\s(?P<ago_u>day|week|month|year|decade)s?\s(?:ago|earlier)))(?!\w)
    | (?P<weekday>(?i:(?:(?P<way>last|next|this|past|coming)\s)?)(?P<day_name>{_WEEKDAY}))(?!\w)
    | (?P<part>(?i:(?P<part_w>earlier|later)\sthis\s(?P<part_u>week|month|year)))(?!\w)
    | (?P<turn>(?i:(?P<turn_w>last|next|this)\s(?P<turn_u>week|weekend|month|year|decade)))(?!\w)
    | (?P<season>(?i:last|this|next)\s(?:spring|summer|autumn|fall|winter))(?!\w)
    | (?P<near>(?i:(?P<near_w>yesterday|today|tomorrow|tonight|over\sthe\sweekend)
        |(?:in\s)?recent\s(?:days|weeks|months|years)))(?!\w)
    | (?P<in_year>(?:(?<=\b[Ii]n\s)|(?<=\b[Ss]ince\s)
        |(?:(?<=\bby\s)|(?<=\bof\s)|(?<=\bbefore\s)|(?<=\bafter\s)|(?<=\buntil\s))(?={_YEAR}{_CLOSED}))
        (?P<in_y>{_YEAR}))(?![\w,.-]?\w)
    )""",
    re.VERBOSE,
)
# What is no figure although it has digits: dates, times of day, decades, spans of years.
_CLOCK = re.compile(
    rf"""(?<![\w.,])(?:
      \d{{1,2}}(?::\d{{2}}){{1,2}}(?:\s?(?:a\.m\.|p\.m\.|[ap]m\b|hrs\b|GMT\b|UTC\b))?
    | \d{{1,2}}(?:[.]\d{{2}})?\s?(?:a\.m\.|p\.m\.|[ap]m\b|o[’']clock|GMT\b|UTC\b)
    | \d{{1,2}}[/.]\d{{1,2}}[/.](?:{_YEAR}|\d{{2}})(?!\w)
    | (?:(?:early|mid|late)[\s-])?(?:1[5-9]|20)\d0s\b | [’'‘]\d0s\b | (?:early|mid|late)[\s-]\d0s\b
    | {_YEAR}\s?[-–/]\s?(?:{_YEAR}|\d{{2}})(?!\d|\s?(?:%|percent))
    | (?i:from|between)\s{_YEAR}\s(?:to|and|until|through)\s{_YEAR}(?!\w)
    )""",
    re.VERBOSE,
)


def date_matches(text: str) -> Iterator[re.Match[str]]:
    """Yield a match per date that `text` names; `lastgroup` of the outer alternative is in `match_kind`."""
    yield from _DATE.finditer(text)


_KINDS = ("iso", "dmy", "mdy", "my", "in_month", "ago", "weekday", "part", "turn", "season", "near", "in_year")


def match_kind(match: re.Match[str]) -> str:
    """Return which alternative of the date grammar matched."""
    return next(kind for kind in _KINDS if match.group(kind) is not None)


def calendar_spans(text: str) -> list[tuple[int, int]]:
    """Return the sorted half-open spans of dates and times of day: a number inside one is no figure."""
    spans = [match.span() for match in _DATE.finditer(text)]
    spans += [match.span() for match in _CLOCK.finditer(text)]
    return sorted(spans)
