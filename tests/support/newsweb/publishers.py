"""The publishers of the local news web: host, theme, feed and robots.txt of each."""

from dataclasses import dataclass
from typing import Literal

from .article_files import WebArticle

FeedFormat = Literal["rss", "atom", "rdf"]

ALLOW_ALL = "User-agent: *\nAllow: /\n"
DISALLOW_PRIVATE = "User-agent: *\nDisallow: /private/\n"
CRAWL_DELAY = "User-agent: *\nCrawl-delay: 2\n"


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """`path` is a format string over an article; `robots` is the text of robots.txt, or a status (404, 500)."""

    host: str
    name: str
    theme: str
    feed_format: FeedFormat = "rss"
    feed_path: str = "/feed"
    path: str = "/news/{article.slug}"
    robots: str | int = ALLOW_ALL
    charset: str | None = "utf-8"
    encoding: str = "utf-8"

    @property
    def feed_url(self) -> str:
        return f"http://{self.host}{self.feed_path}"

    def url(self, article: WebArticle) -> str:
        """The canonical URL of one of this publisher's articles."""
        return f"http://{self.host}{self.path.format(article=article)}"


GAZETTE = Publisher(
    host="gazette.example", name="The Gazette", theme="wordpress", feed_path="/feed/",
    path="/{article.published:%Y/%m}/{article.slug}/",
)  # fmt: skip
TRIBUNE = Publisher(
    host="tribune.example", name="Harbour Tribune", theme="builder", feed_format="atom", feed_path="/atom.xml",
    robots=DISALLOW_PRIVATE,
)  # fmt: skip
COURIER = Publisher(
    host="courier.example", name="Daily Courier", theme="newspaper", feed_path="/rss",
    path="/{article.section}/{article.slug}.html", robots=404,
)  # fmt: skip
HERALD = Publisher(host="herald.example", name="Valley Herald", theme="flat", feed_path="/rss.xml")
# The wire says nothing of its charset and sends ISO-8859-1, as old systems of agencies do.
WIRE = Publisher(
    host="wire.example", name="Meridian Wire", theme="minimal", feed_format="rdf", feed_path="/index.rdf",
    path="/{article.slug}.htm", charset=None, encoding="iso-8859-1",
)  # fmt: skip
SLOW = Publisher(host="slow.example", name="Slow Post", theme="wordpress", robots=404)
LIMITED = Publisher(host="limited.example", name="Limited Times", theme="newspaper")
PATIENT = Publisher(host="patient.example", name="Patient Review", theme="builder", robots=CRAWL_DELAY)
CLOSED = Publisher(host="closed.example", name="Closed Chronicle", theme="minimal", robots=500)

PUBLISHERS = (GAZETTE, TRIBUNE, COURIER, HERALD, WIRE, SLOW, LIMITED, PATIENT, CLOSED)
# Lists other publishers' articles beside none of its own.
AGGREGATOR = Publisher(host="aggregator.example", name="All the News", theme="minimal", feed_format="atom")
# Every scripted behaviour that belongs to no publisher lives here, one path each: `behaviours.py`.
ODD = Publisher(host="odd.example", name="Odd Observer", theme="wordpress", path="/{article.slug}")
