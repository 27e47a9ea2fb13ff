"""Rights that pages, headers, robots.txt and tdmrep.json speak of: read, recorded, and obeyed as configured."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.elements import Article, RawPage, Rights
from transforms.text.article import ExtractSettings, Filtered, extract_article, extract_plain_text
from transforms.web.robots import read_robots
from transforms.web.tdm import MAX_RULES, TdmRule, read_tdmrep, tdm_rule

SITE = "https://gazette.example"
TEXT = "The council approved the plan for the harbour district on Tuesday night, after a debate of almost three years."
SETTINGS = ExtractSettings()
NO_RIGHTS = Rights()
SKIP = ExtractSettings(tdm="skip", noarchive="skip")
RESERVED = '<meta name="tdm-reservation" content="1"><meta name="TDM-Policy" content="/tdm/policy.json">'


def page_at(*headers: tuple[str, str], rights: Rights = NO_RIGHTS) -> RawPage:
    url = f"{SITE}/news/harbour-plan"
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return RawPage(
        url=url, final_url=url, site="gazette.example", body=b"", fetched_at=now, version=7, headers=headers,
        rights=rights,
    )  # fmt: skip


def read(head: str, page: RawPage | None = None, settings: ExtractSettings = SETTINGS) -> Article | Filtered:
    html = f"<html><head><title>Harbour</title>{head}</head><body><article><p>{TEXT}</p></article></body></html>"
    return extract_article(page or page_at(), html, source=None, settings=settings)


def rights_of(head: str, page: RawPage | None = None) -> Rights:
    article = read(head, page)
    assert isinstance(article, Article)
    return article.rights


# --- the page


def test_a_page_that_says_nothing_has_no_rights() -> None:
    assert rights_of("") == Rights()


def test_a_reservation_of_the_page_is_recorded_with_its_policy() -> None:
    assert rights_of(RESERVED) == Rights(tdm_reserved=True, tdm_policy=f"{SITE}/tdm/policy.json")


@pytest.mark.parametrize(
    ("meta", "header", "file", "reserved"),
    [
        ("", "", True, True),
        ("", "0", True, False),
        ("", "1", False, True),
        ("0", "1", True, False),
        ("1", "0", None, True),
        ("perhaps", "", None, None),
        ("", "01", None, None),
    ],
)
def test_the_most_specific_witness_decides(meta: str, header: str, file: bool | None, reserved: bool | None) -> None:
    head = f'<meta name="tdm-reservation" content="{meta}">' if meta else ""
    headers = (("TDM-Reservation", header),) if header else ()
    assert rights_of(head, page_at(*headers, rights=Rights(tdm_reserved=file))).tdm_reserved is reserved


def test_licences_of_robots_txt_page_and_header_are_recorded_once() -> None:
    head = '<link rel="license" type="application/rsl+xml" href="/rsl.xml"><link rel="stylesheet" href="/x.css">'
    header = (
        '</other.xml>; rel="license"; type="application/rsl+xml", </x.css>; rel="preload", <javascript:1>; rel=license'
    )
    page = page_at(("Link", header), rights=Rights(licenses=(f"{SITE}/rsl.xml",)))
    assert rights_of(head, page).licenses == (f"{SITE}/rsl.xml", f"{SITE}/other.xml")


@pytest.mark.parametrize("link", ['</a.xml>; rel=license; type="a/b"', '</a.xml>; type="a/b"; title=A; rel="license"'])
def test_a_licence_is_read_wherever_its_link_says_so(link: str) -> None:
    assert rights_of("", page_at(("Link", link))).licenses == (f"{SITE}/a.xml",)


@pytest.mark.parametrize(
    ("head", "headers", "site", "reason"),
    [
        (RESERVED, (), Rights(), "tdm_reserved"),
        ("", (("tdm-reservation", "1"),), Rights(), "tdm_reserved"),
        ('<meta name="robots" content="noarchive">', (), Rights(), "noarchive"),
        ("", (), Rights(signals=("ai-train=no", "search=no")), "noindex"),
    ],
)
def test_what_the_user_wants_obeyed_keeps_the_page_out(
    head: str, headers: tuple[tuple[str, str], ...], site: Rights, reason: str
) -> None:
    assert read(head, page_at(*headers, rights=site), SKIP) == Filtered(reason)  # type: ignore[arg-type]
    kept = read(head, page_at(*headers, rights=site), replace(SETTINGS, noindex="keep"))
    assert isinstance(kept, Article)


def test_headers_hold_for_plain_text_too() -> None:
    page = page_at(("X-Robots-Tag", "noindex"), ("tdm-reservation", "1"))
    assert extract_plain_text(page, TEXT, source=None, settings=SETTINGS) == Filtered("noindex")
    kept = extract_plain_text(page, TEXT, source=None, settings=replace(SETTINGS, noindex="keep"))
    assert isinstance(kept, Article)
    assert (kept.noindex, kept.rights.tdm_reserved) == (True, True)


# --- robots.txt


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /", ("ai-train=no", "search=yes")),
        ("User-agent: *\nAllow: /\ncontent-signal: AI-Train=NO # ours", ("ai-train=no",)),
        ("User-agent: other\nContent-Signal: search=no\n\nUser-agent: *\nAllow: /", ()),
        ("User-agent: *\nContent-Signal: search=no\n\nUser-agent: newsbeam\nAllow: /", ()),
        ("User-agent: *\nContent-Signal: search=no\nContent-Signal: search=yes", ("search=yes",)),
        ("User-agent: newsbeam\nContent-Signal: search=maybe", ()),
        ("Content-Signal: search=no", ()),
    ],
)
def test_content_signals_of_our_group(text: str, signals: tuple[str, ...]) -> None:
    assert read_robots(200, text.encode(), "newsbeam").content_signals == signals


def test_licences_of_a_robots_txt_belong_to_no_group() -> None:
    text = (
        "License: https://gazette.example/rsl.xml\nUser-agent: other\nDisallow: /\nlicense: https://x.example/2 # two"
    )
    rules = read_robots(200, text.encode(), "newsbeam")
    assert rules.licenses == ("https://gazette.example/rsl.xml", "https://x.example/2")
    assert read_robots(200, b"License: /relative", "newsbeam").licenses == ()


# --- tdmrep.json


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "/news/a", True),
        ("/news", "/news/a", True),
        ("/news/*.html", "/news/x/a.html?p=1", True),
        ("/news/*.html$", "/news/a.html?p=1", False),
        ("/*/a$", "/news/a", True),
        ("/news$", "/news/a", False),
        ("/news$", "/news", True),
        ("/a*a$", "/a", False),
        ("*.pdf", "/x.pdf", True),
        ("/archive", "/news/a", False),
    ],
)
def test_locations_are_patterns_as_in_robots_txt(location: str, path: str, matches: bool) -> None:
    assert (tdm_rule((TdmRule(location, True),), SITE + path) is not None) is matches


def test_the_longest_location_decides() -> None:
    body = orjson.dumps([
        {"location": "/", "tdm-reservation": 1, "tdm-policy": "/policy.json"},
        {"location": "/free/*", "tdm-reservation": "0"},
        {"location": 7, "tdm-reservation": 1},
        {"location": "/broken", "tdm-reservation": "yes"},
        "not an entry",
    ])  # fmt: skip
    rules = read_tdmrep(body, f"{SITE}/.well-known/tdmrep.json")
    assert tdm_rule(rules, f"{SITE}/news/a") == TdmRule("/", True, f"{SITE}/policy.json")
    assert tdm_rule(rules, f"{SITE}/free/a") == TdmRule("/free/*", False)
    assert len(rules) == 2


JSON = st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(st.binary(max_size=400) | JSON.map(orjson.dumps))
def test_no_file_of_a_stranger_raises(body: bytes) -> None:
    assert len(read_tdmrep(body, SITE)) <= MAX_RULES


@given(st.text("/ab*$", min_size=1, max_size=40), st.text("/ab", max_size=60))
def test_no_location_takes_long(location: str, path: str) -> None:
    tdm_rule(read_tdmrep(orjson.dumps([{"location": location, "tdm-reservation": 1}]), SITE), f"{SITE}/{path}")
