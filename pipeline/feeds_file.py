"""`feeds.yaml`, the only truth about which feeds there are: read into feed sources, all problems at once."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from pipeline.config import read_text
from pipeline.problems import Problem, problems_of, report
from pipeline.settings import Duration, Language, Section, Timezone
from pipeline.yaml_text import KeyPath, YamlError, parse_yaml
from transforms.elements import FeedSource, Publisher
from transforms.errors import ConfigurationError, StageError
from transforms.web.urls import feed_id, normalize_url, site_key

FEW_HOSTS = 3  # as many may be polled without a contact; CONTRACT.md, "Command line"


def check_url(text: str) -> str:
    """Return a feed's URL as it was written, when it is one we can ask. Raises `ValueError`."""
    try:
        normalize_url(text)
    except StageError as err:
        raise ValueError(f"an http or https URL without credentials ({err.message})") from err
    return text.strip()


def is_url(text: str) -> bool:
    """Return whether it is a URL that we can ask."""
    try:
        normalize_url(text)
    except StageError:
        return False
    return True


def check_id(text: str) -> str:
    """Return a feed's id. Raises `ValueError`."""
    if not text or len(text) > 200 or not text.isprintable() or text != text.strip():
        raise ValueError("up to 200 printable characters")
    return text


def check_country(text: str) -> str:
    """Return an ISO 3166-1 alpha-2 code. Raises `ValueError`."""
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError("a country of two capital letters, such as GB")
    return text


class PublisherBlock(Section):
    """`publisher:` of a feed."""

    name: str | None = None
    id: str | None = None
    country: Annotated[str, AfterValidator(check_country)] | None = None


class FeedBlock(Section):
    """One feed as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    url: Annotated[str, AfterValidator(check_url)]
    id: Annotated[str, AfterValidator(check_id)] | None = None
    publisher: PublisherBlock = PublisherBlock()
    timezone: Timezone | None = None
    language: Language | None = None
    tags: tuple[str, ...] = ()
    every_s: Annotated[Duration, Field(ge=60)] | None = Field(default=None, alias="every")
    text: Literal["page", "feed"] = "page"
    start: Literal["recent", "now", "all"] = Field(default="recent", alias="from")

    def source(self) -> FeedSource:
        """Return the feed as an element."""
        return FeedSource(
            url=self.url,
            id=self.id or feed_id(self.url),
            publisher=Publisher(**self.publisher.model_dump()),
            timezone=self.timezone,
            language=self.language,
            tags=self.tags,
            every_s=self.every_s,
            text=self.text,
            start=self.start,
        )


class FeedsFile(Section):
    """The whole file."""

    feeds: tuple[FeedBlock, ...] = ()


def parse_feeds(text: str, *, shown: str) -> tuple[FeedSource, ...]:
    """Return the feeds of a file's text. Raises `ConfigurationError` with every problem and its line."""
    try:
        data, lines = parse_yaml(text)
    except YamlError as err:
        raise ConfigurationError(f"{shown}: {err}") from err

    def locate(path: KeyPath) -> str:
        return next((f"{shown}:{lines[path[:end]]}" for end in range(len(path), 0, -1) if path[:end] in lines), shown)

    data = {"feeds": ()} if data is None else data
    if isinstance(data, dict) and data.get("feeds", ...) is None:
        data = data | {"feeds": ()}
    try:
        blocks = FeedsFile.model_validate(data).feeds
    except ValidationError as err:
        raise ConfigurationError(report(problems_of(err, FeedsFile, data, locate), heading=shown)) from err
    sources = tuple(block.source() for block in blocks)
    if problems := _repeated(sources, locate):
        raise ConfigurationError(report(problems, heading=shown))
    return sources


def read_feeds(path: Path) -> tuple[FeedSource, ...]:
    """Return the feeds of a file. Raises `ConfigurationError`, also when there is no such file."""
    if not path.is_file():
        raise ConfigurationError(f"there is no feed list {path} yet; `newsbeam feeds add URL` makes it")
    return parse_feeds(read_text(path, path.name), shown=path.name)


def require_contact(contact: str | None, sources: Iterable[FeedSource]) -> None:
    """Raise `ConfigurationError` when more hosts would be polled than may be without saying who we are."""
    sites = {site_key(source.url) for source in sources}
    if contact is None and len(sites) > FEW_HOSTS:
        raise ConfigurationError(
            f"{len(sites)} hosts would be polled without a contact that their owners can see; give --contact "
            f"EMAIL_OR_URL, or write `contact:` into newsbeam.yaml (up to {FEW_HOSTS} hosts need none)"
        )


def _repeated(sources: Sequence[FeedSource], locate: Any) -> list[Problem]:
    problems = []
    for key in ("id", "url"):
        first: dict[str, int] = {}
        for index, source in enumerate(sources):
            value = source.id if key == "id" else normalize_url(source.url)
            before = first.setdefault(value, index)
            if before != index:
                text = f"{value!r} is already feed {before + 1} ({locate(('feeds', before))}); give each its own"
                problems.append(Problem(path=f"feeds.{index}.{key}", origin=locate(("feeds", index, key)), text=text))
    return problems
