"""What a user may decide about extraction, as plain values."""

from dataclasses import dataclass
from typing import Literal

from transforms.text.phrases import Phrases

Noindex = Literal["skip", "keep"]
Noarchive = Literal["no_archive", "skip"]
Tdm = Literal["record", "ask", "skip"]


@dataclass(frozen=True, kw_only=True)
class ExtractSettings:
    """How pages become articles.

    `languages` (BCP 47 primary subtags) are the ones expected: they decide when the text alone does not. Lengths are
    characters; a page or body over its maximum is cut and the article says so in `warnings`. `noindex="skip"` filters
    pages that ask not to be indexed, `noarchive="skip"` those that ask not to be kept, `tdm="skip"` those that reserve
    text and data mining. `timezone` (IANA) reads dates without a zone where the feed names none. `phrases`
    are the boilerplate lines, loaded once per worker by `load_phrases()`; None means the packaged ones.
    """

    languages: tuple[str, ...] = ("en",)
    min_body_chars: int = 60  # the shortest notice that reads as one: 89 characters ("The road will be closed ...")
    max_body_chars: int = 500_000  # the longest of 261 news pages has 46,000
    max_page_chars: int = 5_000_000  # the largest of 2,559 real pages has 2.2 M; bounds a page to a few seconds
    noindex: Noindex = "skip"
    noarchive: Noarchive = "no_archive"
    tdm: Tdm = "record"
    timezone: str = "UTC"
    phrases: Phrases | None = None
