"""feeds.yaml as it is read, and as commands edit it."""

from pathlib import Path

import pytest

from pipeline.feeds_edit import add_block, remove_block
from pipeline.feeds_file import parse_feeds, read_feeds, require_contact
from transforms.elements import FeedSource, Publisher
from transforms.errors import ConfigurationError
from transforms.web.urls import feed_id

FULL = """\
# Our feeds.
feeds:
  - url: https://gazette.example/rss
    id: gazette          # short
    publisher: {name: The Gazette, country: GB}
    timezone: Europe/London
    tags: [uk, 2024]
    every: 30m
    text: feed

  # The second one.
  - url: https://herald.example/feed?lang=no
    language: "no"
    publisher:
      country: NO
# The end.
"""


def test_a_block_becomes_a_feed_source_with_defaults() -> None:
    assert parse_feeds(FULL, shown="feeds.yaml") == (
        FeedSource(
            url="https://gazette.example/rss",
            id="gazette",
            publisher=Publisher(name="The Gazette", country="GB"),
            timezone="Europe/London",
            tags=("uk", "2024"),
            every_s=1800,
            text="feed",
        ),
        FeedSource(
            url="https://herald.example/feed?lang=no",
            id="herald.example/feed?lang=no",
            language="no",
            publisher=Publisher(country="NO"),
        ),
    )


def test_where_a_feed_starts_is_said_in_the_list() -> None:
    [source] = parse_feeds("feeds:\n  - url: https://gazette.example/rss\n    from: now\n", shown="feeds.yaml")
    assert source.start == "now"
    with pytest.raises(ConfigurationError, match="from"):
        parse_feeds("feeds:\n  - url: https://gazette.example/rss\n    from: yesterday\n", shown="feeds.yaml")


@pytest.mark.parametrize("text", ["", "feeds:\n", "feeds: []\n", "# nothing yet\n"])
def test_a_list_without_feeds_is_empty(text: str) -> None:
    assert parse_feeds(text, shown="feeds.yaml") == ()


def test_the_default_id_is_host_and_path() -> None:
    assert feed_id("https://Gazette.example:443/world/rss/#top") == "gazette.example/world/rss"


def test_all_problems_of_a_list_are_reported_with_their_lines() -> None:
    text = """\
feeds:
  - url: ftp://gazette.example/rss
    evry: 30m
  - id: herald
  - url: https://c.example/rss
    publisher: {country: Norway}
    every: 5s
    text: pages
  - https://d.example/rss
"""
    with pytest.raises(ConfigurationError) as caught:
        parse_feeds(text, shown="feeds.yaml")
    heading, *found = str(caught.value).split("\n  ")
    assert heading == "7 problems in feeds.yaml:"
    for problem, start in zip(
        found,
        [
            "feeds.0.url (feeds.yaml:2): received 'ftp://gazette.example/rss'; valid: an http or https URL",
            "feeds.0.evry (feeds.yaml:3): unknown key; did you mean every? valid: every, from, id, language, publisher",
            "feeds.1.url (feeds.yaml:4): is missing",
            "feeds.2.publisher.country (feeds.yaml:6): received 'Norway'; valid: a country of two capital letters",
            "feeds.2.every (feeds.yaml:7): received '5s'; valid: at least 1m",
            "feeds.2.text (feeds.yaml:8): received 'pages'; valid: 'page' or 'feed'",
            "feeds.3 (feeds.yaml:9): received 'https://d.example/rss'; valid: a section with the keys every, from, id",
        ],
        strict=True,
    ):
        assert problem.startswith(start)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("feeds: 3\n", "feeds (feeds.yaml:1): received 3; valid: a list"),
        ("feed: []\n", "feed (feeds.yaml:1): unknown key; did you mean feeds? valid: feeds"),
        ("<rss/>", "received '<rss/>'; valid: a section with the keys feeds"),
        ("feeds: [\n", "feeds.yaml: line 2: "),
        (
            "feeds:\n- url: https://a.example/rss\n- url: https://A.example:443/rss\n  id: b\n",
            "feeds.1.url (feeds.yaml:3): 'https://a.example/rss' is already feed 1 (feeds.yaml:2)",
        ),
        (
            "feeds:\n- url: https://a.example/rss\n  id: a\n- url: https://b.example/rss\n  id: a\n",
            "feeds.1.id (feeds.yaml:5): 'a' is already feed 1 (feeds.yaml:2)",
        ),
        (
            "feeds:\n- url: https://u:s3cret@a.example/rss\n",
            "feeds.0.url (feeds.yaml:2): received 'https://***@a.example",
        ),
    ],
)
def test_what_is_no_list_of_feeds_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_feeds(text, shown="feeds.yaml")
    assert problem in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_missing_list_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="newsbeam feeds add URL"):
        read_feeds(tmp_path / "feeds.yaml")


def test_more_than_three_hosts_need_a_contact() -> None:
    sources = [FeedSource(url=f"https://{name}.example/rss", id=name) for name in "abcd"]
    more_of_one = [FeedSource(url=f"https://www.a.example/{number}", id=f"a{number}") for number in range(9)]
    require_contact(None, [*sources[:3], *more_of_one])
    require_contact("desk@example.org", sources)
    with pytest.raises(ConfigurationError, match="4 hosts would be polled without a contact"):
        require_contact(None, sources)


# --- edits


def test_adding_keeps_everything_else_as_it_was() -> None:
    added = add_block(FULL, {"url": "https://c.example/rss", "publisher": {"name": "C: the paper", "country": "NO"}})
    block = "  - url: https://c.example/rss\n    publisher: {name: 'C: the paper', country: 'NO'}\n"
    assert added == FULL.replace("# The end.\n", f"{block}# The end.\n")


def test_removing_keeps_everything_else_as_it_was() -> None:
    without_second = remove_block(FULL, 1)
    assert without_second == FULL[: FULL.index("  - url: https://herald")] + "# The end.\n"
    without_first = remove_block(FULL, 0)
    assert "# Our feeds." in without_first
    assert "# The second one." in without_first
    assert [source.id for source in parse_feeds(without_first, shown="x")] == ["herald.example/feed?lang=no"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "feeds:\n",
        "feeds: []\n",
        "feeds: []   # none yet\n",
        "# a list\nfeeds: ~\n",
        "feeds:\n# soon\n",
        "feeds: []",
    ],
)
def test_the_first_feed_goes_into_an_empty_list(text: str) -> None:
    added = add_block(text, {"url": "https://a.example/rss"})
    assert [source.url for source in parse_feeds(added, shown="x")] == ["https://a.example/rss"]
    assert [line.partition("#")[2] for line in text.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in added.splitlines() if "#" in line
    ]
    assert parse_feeds(remove_block(added, 0), shown="x") == ()


def test_the_last_feed_leaves_an_empty_list_behind() -> None:
    text = "feeds: # ours\n- url: https://a.example/rss\n  id: a\n"
    assert remove_block(text, 0) == "feeds: [] # ours\n"


def test_the_indent_of_the_list_is_followed_and_windows_line_ends_stay() -> None:
    text = "feeds:\r\n- url: https://a.example/rss\r\n"
    assert add_block(text, {"url": "https://b.example/rss", "id": "b"}) == (
        "feeds:\r\n- url: https://a.example/rss\r\n- url: https://b.example/rss\r\n  id: b\r\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "feeds: [{url: https://a.example/rss}]\n",
        "feeds:\n  -\n    url: https://a.example/rss\n",
        "{feeds: []}\n",
        "feeds: 3\n",
        "- url: https://a.example/rss\n",
    ],
)
def test_a_list_written_in_another_way_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(ConfigurationError, match="edit it by hand"):
        add_block(text, {"url": "https://b.example/rss"})
