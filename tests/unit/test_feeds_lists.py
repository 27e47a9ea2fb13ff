"""Lists of feeds as people have them, in and out."""

import listparser
import pytest

from pipeline.feeds_file import parse_feeds
from pipeline.feeds_lists import as_opml, as_text, as_yaml, read_list
from transforms.elements import FeedSource, Publisher
from transforms.errors import ConfigurationError

SOURCES = (
    FeedSource(url="https://gazette.example/rss", id="gazette", publisher=Publisher(name='The "G" & Co'), tags=("uk",)),
    FeedSource(url="https://post.example/feed?a=1&b=2", id="post.example/feed?a=1&b=2", every_s=1800.0, language="en"),
)
LOGSTASH = """
input {
  rss { url => "https://gazette.example/rss" interval => 30 }   # too eager
  rss {
    url => 'https://post.example/feed'
    interval => 3600
    tags => ["uk", "local"]
  }
  # rss { url => "https://off.example/" }
}
output { elasticsearch { hosts => ["http://localhost:9200"] } }
"""
LOGSTASH = LOGSTASH.replace(
    'rss { url => "https://gazette.example/rss" interval', 'rss {\n url => "https://gazette.example/rss"\n interval'
)
CSV = (
    'id,url,label,tags\n1,https://gazette.example/rss,"The Gazette",uk;local\n2,,nothing,\n3,https://post.example/a,,\n'
)


def test_logstash_inputs_become_feeds() -> None:
    assert read_list(LOGSTASH.encode(), "pipeline.conf") == [
        {"url": "https://gazette.example/rss", "every": "60s"},
        {"url": "https://post.example/feed", "tags": ["uk", "local"], "every": "3600s"},
    ]


def test_media_cloud_csv_becomes_feeds() -> None:
    assert read_list(CSV.encode(), "feeds.csv") == [
        {"url": "https://gazette.example/rss", "publisher": {"name": "The Gazette"}, "tags": ["uk", "local"]},
        {"url": "https://post.example/a"},
    ]


def test_a_csv_of_one_column_becomes_feeds() -> None:
    assert read_list(b"url\nhttps://a.example/rss\n", "one.csv") == [{"url": "https://a.example/rss"}]


def test_lines_and_opml_become_feeds() -> None:
    assert [block["url"] for block in read_list(b"https://a.example/rss\n# no\nhttps://b.example/f\n", "l.txt")] == [
        "https://a.example/rss",
        "https://b.example/f",
    ]
    blocks = read_list(as_opml(SOURCES).encode(), "x.opml")
    assert [block["url"] for block in blocks] == [source.url for source in SOURCES]
    assert blocks[0]["tags"] == ["uk"]


def test_what_is_exported_is_read_by_others_and_by_us() -> None:
    feeds = listparser.parse(as_opml(SOURCES).encode()).feeds
    assert [(feed.url, feed.title) for feed in feeds] == [
        (SOURCES[0].url, 'The "G" & Co'),
        (SOURCES[1].url, SOURCES[1].id),
    ]
    assert parse_feeds(as_yaml(SOURCES), shown="x") == SOURCES
    assert as_text(SOURCES).split() == [source.url for source in SOURCES]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"input { rss {\n url => 'file:///etc/passwd'\n } }", "1 are no feed URLs"),
        (b"url,name\n,x\n", "no feeds in this file"),
        (b"", "empty"),
        (b"<html></html>", "no feeds in this file"),
        (b"x" * 11_000_000, "at most"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(body: bytes, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_list(body, "file")
