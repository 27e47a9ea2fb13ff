"""What pages say about themselves: JSON-LD, meta elements, dates, names, titles, pictures, language."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from transforms.text.authors import is_byline, read_byline
from transforms.text.dates import Evidence, choose_published, read_moment, url_day, zone_of
from transforms.text.json_ld import read_json_ld
from transforms.text.language import identify_language
from transforms.text.metadata import marked_dates, read_metadata
from transforms.text.titles import clean_title
from transforms.text.tree import parse_page

URL = "https://www.gazette.example/news/harbour"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def tree(head: str = "", body: str = "<p>Text.</p>"):
    return parse_page(f"<html><head>{head}</head><body>{body}</body></html>", URL)


def script(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


ARTICLE = {"@type": "NewsArticle", "headline": "Harbour plan approved", "datePublished": "2025-05-01T10:00:00Z"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ARTICLE),
        json.dumps([{"@type": "Organization"}, ARTICLE]),
        json.dumps({"@graph": [{"@type": "WebPage", "name": "x"}, ARTICLE]}),
        json.dumps(ARTICLE)[:-1] + ",}",
        "<!-- " + json.dumps(ARTICLE) + " -->",
        "//<![CDATA[\n" + json.dumps(ARTICLE) + "\n//]]>",
        json.dumps(ARTICLE | {"description": "one line"}).replace("one line", "one\nline\ttab"),
        json.dumps(ARTICLE) + ";",
    ],
)
def test_json_ld_is_read_also_where_templates_break_it(text: str) -> None:
    assert read_json_ld(tree(script(text))).headline == "Harbour plan approved"


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[" * 5000, '"x"', "[[[]]]", '{"@type": 5}', '{"@type": ["NewsArticle"], "author": [[["x"]]]}'],
)
def test_json_ld_that_cannot_be_read_is_absent(text: str) -> None:
    assert read_json_ld(tree(script(text))).headline is None


def test_fullest_article_node_is_the_pages_own() -> None:
    related = {"@type": "NewsArticle", "headline": "Another story"}
    own = ARTICLE | {"author": {"@type": "Person", "name": "Ann Lee"}, "hasPart": [related]}
    assert read_json_ld(tree(script([related, own]))).authors == ("Ann Lee",)


def test_references_by_id_are_followed() -> None:
    graph = {"@graph": [ARTICLE | {"author": {"@id": "#ann"}}, {"@id": "#ann", "@type": "Person", "name": "Ann Lee"}]}
    assert read_json_ld(tree(script(graph))).authors == ("Ann Lee",)


@pytest.mark.parametrize(
    ("value", "free"), [("False", False), (True, True), ("http://schema.org/False", False), ("maybe", None)]
)
def test_free_access_is_read_in_all_its_spellings(value: object, free: bool | None) -> None:
    assert read_metadata(tree(script(ARTICLE | {"isAccessibleForFree": value})), URL).free is free


def test_a_tier_of_content_says_whether_access_is_free() -> None:
    assert read_metadata(tree('<meta property="article:content_tier" content="metered">'), URL).free is False


def test_agency_among_the_authors_is_an_organization_and_no_person() -> None:
    authors = [{"@type": "Person", "name": "Ann Lee"}, {"@type": "NewsMediaOrganization", "name": "Reuters"}]
    found = read_json_ld(tree(script(ARTICLE | {"author": authors, "sourceOrganization": {"name": "AFP"}})))
    assert (found.authors, found.organizations) == (("Ann Lee",), ("Reuters", "AFP"))


def test_dates_in_the_markup_are_asked_for_when_the_head_is_silent() -> None:
    body = '<time itemprop="datePublished" datetime="2025-05-01">1 May</time><time class="published">2025-05-02</time>'
    assert [each.value for each in marked_dates(tree(body=body))] == ["2025-05-01", "2025-05-02"]


@pytest.mark.parametrize(
    ("byline", "people", "agency"),
    [
        ("By Jane Doe and John Roe, Reuters", ("Jane Doe", "John Roe"), "Reuters"),
        ("By JANE DOE, Political Editor", ("Jane Doe",), None),
        ("Jane Doe, MD, RD", ("Jane Doe",), None),
        ("Doe, Jane", ("Jane Doe",), None),
        ("Mary-Ann O’Hara (AFP)", ("Mary-Ann O’Hara",), "AFP"),
        ("Von Jens Müller und Eva van der Berg", ("Jens Müller", "Eva van der Berg"), None),
        ("E. B. White", ("E. B. White",), None),
        ("Jane Doe | The Gazette", ("Jane Doe",), None),
        ("Associated Press", (), "AP"),
        ("The Gazette", (), None),
        ("Staff reporter", (), None),
        ("admin", (), None),
        ("jane.doe@gazette.example", (), None),
        ("https://www.facebook.com/gazette", (), None),
        ("", (), None),
    ],
)
def test_byline_gives_people_and_agency(byline: str, people: tuple[str, ...], agency: str | None) -> None:
    assert read_byline([byline], houses=("The Gazette",)) == (people, agency)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Maria Berg", True),
        ("Von Eva van der Berg und Jens Möller", True),
        ("By Jane Doe, Political Editor", True),
        ("By Friday", False),
        ("By the way it was late", False),
        ("By the river stood a house.", False),
    ],
)
def test_line_of_text_is_a_byline_only_when_it_names_somebody(line: str, expected: bool) -> None:
    assert is_byline(line) is expected


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("2025-05-01T10:00:00Z", "2025-05-01T10:00:00+00:00", "second"),
        ("2025-05-01T10:00:00+0200", "2025-05-01T10:00:00+02:00", "second"),
        ("2025-05-01T10:00:00.1234567Z", "2025-05-01T10:00:00+00:00", "second"),
        ("2025-05-01 10:00", "2025-05-01T10:00:00+02:00", "minute"),
        ("2025-05-01T9:05:00 UTC", "2025-05-01T09:05:00+00:00", "second"),
        ("2025-05-01", "2025-05-01T12:00:00+00:00", "day"),
        ("20250501", "2025-05-01T12:00:00+00:00", "day"),
        ("1746093600", "2025-05-01T10:00:00+00:00", "second"),
        ("1746093600000", "2025-05-01T10:00:00+00:00", "second"),
        ("Thu, 01 May 2025 10:00:00 GMT", "2025-05-01T10:00:00+00:00", "second"),
    ],
)
def test_dates_are_read_in_the_forms_that_leave_no_doubt(text: str, expected: str, precision: str) -> None:
    moment = read_moment(text, BERLIN)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == (expected, precision)


@pytest.mark.parametrize(
    "text", ["", "03/04/2024", "2025-13-40", "yesterday", "0000-00-00", "99999999999999", "x" * 10_000, "12:99"]
)
def test_doubtful_dates_are_absent(text: str) -> None:
    assert read_moment(text, BERLIN) is None


def test_first_readable_evidence_wins_and_the_future_never() -> None:
    evidence = [
        Evidence("json-ld", "2026-03-01T00:00:00Z"),
        Evidence("meta", "soon"),
        Evidence("feed", datetime(2025, 5, 1, 8, tzinfo=UTC)),
    ]
    published = choose_published(evidence, zone=BERLIN, fetched_at=NOON)
    assert published is not None
    assert (published.source, published.at) == ("feed", datetime(2025, 5, 1, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("values", "chosen", "guessed"),
    [
        (["2024-01-01"], "2024-01-01T12:00:00+00:00", True),
        (["2024-01-01T00:00:00Z"], "2024-01-01T00:00:00+00:00", True),
        (["2024-01-01T00:00:00Z", "2024-05-13T08:00:00Z"], "2024-05-13T08:00:00+00:00", False),
        (["2024-01-01T00:00:00Z", "2023-12-31T23:59:00Z"], "2024-01-01T00:00:00+00:00", True),
        (["2024-01-01T00:00:00Z", "2024-01-01"], "2024-01-01T00:00:00+00:00", True),
        (["2024-01-01T00:00:00Z", "2023-12-30", "2024-01-01", "url 2024-01-01"], "2024-01-01T00:00:00+00:00", False),
        (["2024-01-01T00:01:00Z"], "2024-01-01T00:01:00+00:00", False),
        (["2024-05-13", "2024-01-01"], "2024-05-13T12:00:00+00:00", False),
    ],
)
def test_a_midnight_of_new_year_is_a_guess_that_others_correct(values: list[str], chosen: str, guessed: bool) -> None:
    evidence = [Evidence("url" if value.startswith("url") else "meta", value.removeprefix("url ")) for value in values]
    published = choose_published(evidence, zone=zone_of("UTC"), fetched_at=NOON)
    assert published is not None
    assert (published.at.isoformat(), published.guessed) == (chosen, guessed)


def test_clock_that_is_a_little_ahead_means_now() -> None:
    published = choose_published([Evidence("meta", "2026-01-01T12:10:00Z")], zone=BERLIN, fetched_at=NOON)
    assert published is not None
    assert published.at == NOON


def test_offset_as_given_is_kept() -> None:
    published = choose_published([Evidence("meta", "2025-05-01T10:00:00+09:00")], zone=BERLIN, fetched_at=NOON)
    assert published is not None
    assert (published.local, published.at.isoformat()) == ("2025-05-01T10:00:00+09:00", "2025-05-01T01:00:00+00:00")


def test_day_alone_sits_at_noon_utc() -> None:
    published = choose_published(
        [Evidence("url", url_day("https://a.example/2025/05/01/x"))], zone=BERLIN, fetched_at=NOON
    )
    assert published is not None
    assert (published.at.isoformat(), published.local, published.precision) == (
        "2025-05-01T12:00:00+00:00",
        None,
        "day",
    )


def test_unknown_time_zone_falls_back() -> None:
    assert zone_of("Mars/Olympus", None, "../../etc/passwd", "Asia/Tokyo").key == "Asia/Tokyo"
    assert zone_of("nowhere").key == "UTC"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Harbour plan approved - The Gazette", "Harbour plan approved"),
        ("The Gazette | Harbour plan approved", "Harbour plan approved"),
        ("Harbour plan approved | News | Gazette.example", "Harbour plan approved | News"),
        ("Harbour – the plan", "Harbour – the plan"),
        ("Fish &amp; chips", "Fish & chips"),
    ],
)
def test_title_loses_the_sites_name_and_nothing_else(title: str, expected: str) -> None:
    assert clean_title(title, ["The Gazette", "gazette.example"]) == expected


def test_heading_is_preferred_to_a_longer_window_title() -> None:
    found = read_metadata(
        tree(
            "<title>Harbour plan approved by council - Local news</title>", "<h1>Harbour plan approved by council</h1>"
        ),
        URL,
    )
    assert found.title == "Harbour plan approved by council"


def test_site_name_is_no_title() -> None:
    head = '<meta property="og:site_name" content="The Gazette"><meta property="og:title" content="The Gazette">'
    assert read_metadata(tree(head, "<h1>Harbour plan</h1>"), URL).title == "Harbour plan"


def test_text_decides_the_language_against_a_wrong_hint() -> None:
    german = (
        "Der Stadtrat hat am Dienstag nach langer Debatte dem Plan für den Hafen zugestimmt. Die Kosten trägt das Land."
    )
    language = identify_language(german, hints=["en-US"])
    assert language.code == "de"
    assert language.confidence is not None
    assert language.confidence > 0.5


def test_short_text_takes_the_pages_word() -> None:
    assert identify_language("Taxi!", hints=[None, "pt-BR"]) == ("pt", None)
    assert identify_language("12 : 4", hints=[]) == (None, None)
