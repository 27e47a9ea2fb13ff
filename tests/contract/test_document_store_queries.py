"""What every query finds, the same over every backend; each expectation also agrees with `matching.py`, the oracle."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.corpus import INGESTED, NEW_YEAR, corpus, corpus_writes, key_of
from transforms.index.base import DocumentStore, SearchRequest
from transforms.index.matching import matches
from transforms.index.queries import Query
from transforms.index.query_parser import parse_query
from transforms.index.snippets import END, START

EVERY = 1_000

# query -> keys of the articles that it finds, in any order
CASES: dict[str, str] = {
    # words: whole, in any case, in any of the four text fields; all must hold
    "rafah": "rafah",
    "RAFAH": "rafah",
    "rafa": "",
    "valley": "airlift",
    "killed people": "rafah airlift",
    "killed trucks": "airlift",
    "harbour": "repeat single",
    "nowhere": "",
    # phrases: together and in this order, within one field
    '"talks stall"': "rafah",
    '"stall talks"': "",
    '"peace talks"': "order",
    '"cairo talks peace"': "order",
    '"talks peace"': "order",
    '"grain exports"': "split",
    '"valley between"': "",
    '"World Food Programme"': "airlift",
    "“world food”": "airlift",
    # absence
    "killed -trucks": "rafah border",
    "killed -Rafah -trucks": "border",
    'talks -"peace talks"': "rafah",
    "harbour -harbour": "",
    "-the -a -of -to -in -and -and/or": "flood numbers tokyo arabic speakers people",
    # one rule for words: apostrophes, possessives, hyphens, abbreviations, numbers, joined signs
    "gaza": "possessive",
    "Gaza's": "possessive",
    "gaza’s": "possessive",
    '"port of gaza city"': "possessive",
    "O'Brien": "obrien",
    "o’brien": "obrien",
    "obrien": "",
    "l'eau": "flood",
    "eau": "flood",  # the French stemmer takes the article off
    '"eau"': "",
    "cease-fire": "ceasefire",
    "ceasefire": "ceasefire",
    '"cease fire held"': "ceasefire",
    "U.S.": "summit",
    '"u.s. led"': "summit",
    "us": "summit",
    "covid-19": "virus",
    "covid19": "",
    "3.14": "numbers",
    "14": "numbers",
    "1,200": "numbers",
    "200": "numbers",
    "1200": "",
    "foo_bar": "joined",
    "foo": "",
    "AT&T": "joined",
    "state-of-the-art": "joined",
    "either/or": "joined",
    "e.g.": "joined",
    # without quotes in any inflection, by the stemmer of the article's language; in quotes as written
    "talk": "rafah order",
    "talking": "rafah order",
    '"talk"': "",
    "crossing": "storm border",
    "cross -storm": "border",
    "personne": "flood",
    "déplacement -milliers": "",
    "title:talk": "rafah",
    'title:"talk"': "",
    "well-knowns": "joined",
    "ceasefires": "ceasefire",
    '"ceasefires"': "",
    "cease-fires": "ceasefire",
    "killing": "rafah airlift border",
    # accents do not count without quotes, and in names never
    "Besançon": "flood storm",
    "besancon": "flood storm",
    "BESANÇON": "flood storm",
    '"Besançon"': "flood",
    '"besancon"': "storm",
    "place:besancon": "flood",
    "café": "accents",
    "cafés": "accents",
    "são": "accents",
    "sao": "accents",
    '"sao"': "",
    "depassees": "",
    "deplacees": "flood",
    # other scripts
    "οδοσ": "greek",
    "ΟΔΟΣ": "greek",
    "izmir": "greek",
    "東京": "tokyo",
    "京東": "",
    "会議": "tokyo",
    "القاهرة": "arabic",
    # names: whole or a whole word of one
    "person:Blinken": "rafah",
    'person:"antony blinken"': "rafah",
    'person:"Blinken Antony"': "",
    "person:antony": "rafah people",
    'person:"Ann Blake"': "people",
    'person:"Blake Ken"': "",
    "person:Blink": "",
    "-person:antony person:gallant": "budget",
    "place:Rafah": "rafah",
    "place:Cairo": "rafah",
    "place:Besançon": "flood",
    "place:القاهرة": "arabic",
    "person:Rafah": "",
    'org:"World Food Programme"': "airlift",
    "org:programme": "airlift",
    "org:parliament": "budget",
    "speaker:Blinken": "rafah",
    "speaker:antony": "rafah speakers",
    'speaker:"Blake Ken"': "",
    "author:lindqvist": "rafah",
    'author:"Omar Haddad"': "rafah",
    "author:O’Brien": "budget",
    "title:blinken": "fields",
    'title:"talks stall"': "rafah",
    "title:doctors": "",
    # exact fields
    "publisher:courrier": "flood accents greek tokyo arabic",
    'publisher:"the gazette" tag:uk': "rafah airlift border",
    "site:herald.example": "budget bridge summit virus obrien repeat single",
    "site:news.herald.example killed": "",
    "site:NEWS.herald.example money:": "budget bridge",
    "site:herald": "",
    "site:https://courier.example/flood": "flood accents greek tokyo arabic",
    "feed:gazette": "rafah airlift storm border",
    "feed:gazette-world": "airlift",
    "tag:UK": "rafah airlift border",
    "tag:world": "rafah",
    "tag:météo": "flood",
    "tag:MÉTÉO": "flood",
    "lang:fr": "flood",
    "lang:en-gb": "speakers",
    "country:PS": "rafah",
    "country:eg": "rafah arabic",
    "-lang:en": "flood speakers arabic",
    # figures: events and kinds, alone and with numbers; one figure must hold it all
    "killed:": "rafah airlift",
    "event:killed": "rafah airlift",
    "injured:": "storm",
    "missing:": "",
    "kind:money": "budget bridge",
    "money:": "budget bridge",
    "score:": "budget",
    "killed:>=10": "rafah airlift",
    "killed:>=12": "rafah airlift",
    "killed:>12": "airlift",
    "killed:>=20": "airlift",
    "killed:>20": "",
    "killed:12": "rafah airlift",
    "killed:15": "airlift",
    "killed:9": "",
    "killed:<12": "airlift",
    "killed:<=12": "rafah airlift",
    "killed:<10": "",
    "killed:≥12 -airlift": "rafah",
    "killed:>=35": "",
    "injured:>=35 displaced:>=80k": "storm",
    "displaced:>100k": "flood",
    "displaced:>=80,000": "flood storm",
    "money:>1bn": "budget",
    "money:>=0.9bn": "budget bridge",
    "money:<1000m": "bridge",
    "money:900m": "bridge",
    "percent:>=5%": "budget",
    "percent:>5": "",
    "count:>1000": "flood storm border",
    "-killed:>=10 killed": "border",
    "-killed: killed": "border",
    'figure:"border crossings"': "border",
    'figure:"border crossing"': "border",
    "figure:truck": "airlift",
    "unit:USD": "budget",
    "unit:usd": "budget",
    "unit:EUR": "bridge",
    "unit:GBP": "",
    "figure:crossings": "border",
    "figure:people": "rafah airlift storm",
    "figure:trucks killed:": "airlift",
    'figure:"300 trucks"': "airlift",
    "figure:trucks count:>=300": "airlift",
    # together
    'person:Blinken place:Rafah killed:>=10 tag:uk "talks stall" -lang:fr': "rafah",
}


def search_keys(store: DocumentStore, request: SearchRequest) -> list[str]:
    return key_of(hit.id for hit in store.search(request).hits)


@pytest.mark.parametrize("text", CASES)
def test_query_finds(corpus_store: DocumentStore, text: str) -> None:
    request = SearchRequest(query=parse_query(text), limit=EVERY)

    result = corpus_store.search(request)

    assert sorted(key_of(hit.id for hit in result.hits)) == sorted(CASES[text].split())
    assert result.total == len(result.hits)


@pytest.mark.parametrize("text", CASES)
def test_relevance_finds_the_same_articles_as_newest(corpus_store: DocumentStore, text: str) -> None:
    request = SearchRequest(query=parse_query(text), limit=EVERY, sort="relevance")
    assert sorted(search_keys(corpus_store, request)) == sorted(CASES[text].split())


@pytest.mark.parametrize("text", CASES)
def test_scan_finds_the_same_articles_as_search(corpus_store: DocumentStore, text: str) -> None:
    scanned = [stored.id for stored in corpus_store.scan("articles", SearchRequest(query=parse_query(text)))]
    assert scanned == sorted(scanned)
    assert sorted(key_of(scanned)) == sorted(CASES[text].split())


@pytest.mark.parametrize("text", CASES)
def test_expectations_agree_with_the_meaning_of_queries(text: str) -> None:
    documents = {write.id: dict(write.source or {}) for write in corpus_writes() if write.kind == "articles"}
    found = [key for key, document in documents.items() if matches(document, parse_query(text))]
    assert sorted(key_of(found)) == sorted(CASES[text].split())


def test_empty_query_finds_every_article_newest_first(corpus_store: DocumentStore) -> None:
    result = corpus_store.search(SearchRequest(query=Query(), limit=EVERY))
    assert key_of(hit.id for hit in result.hits) == list(reversed(corpus()))
    assert result.total == len(corpus())


def test_sorting_by_ingestion_puts_what_came_last_first(corpus_store: DocumentStore) -> None:
    assert search_keys(corpus_store, SearchRequest(query=Query(), by="ingested", limit=EVERY)) == list(corpus())


def test_relevance_puts_the_article_about_it_first(corpus_store: DocumentStore) -> None:
    request = SearchRequest(query=parse_query("harbour"), sort="relevance")
    result = corpus_store.search(request)
    if len({hit.score for hit in result.hits}) > 1:  # the memory store does not rank
        assert key_of(hit.id for hit in result.hits) == ["repeat", "single"]
        assert result.hits[0].score > result.hits[1].score > 0


@pytest.mark.parametrize("limit", [0, 1, 3, 25, 26])
def test_limit_cuts_hits_but_not_the_total(corpus_store: DocumentStore, limit: int) -> None:
    result = corpus_store.search(SearchRequest(query=Query(), limit=limit))
    assert (len(result.hits), result.total) == (min(limit, 25), 25)
    assert key_of(hit.id for hit in result.hits) == list(reversed(corpus()))[:limit]


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "until", "keys"),
    [
        (NEW_YEAR + 23 * DAY, None, "speakers people"),
        (NEW_YEAR + 24 * DAY, None, "people"),  # since is inclusive
        (NEW_YEAR + 24 * DAY + timedelta(milliseconds=1), None, ""),
        (None, NEW_YEAR, ""),  # until is exclusive
        (None, NEW_YEAR + timedelta(milliseconds=1), "rafah"),
        (NEW_YEAR + DAY, NEW_YEAR + 3 * DAY, "airlift budget"),
        (NEW_YEAR + 3 * DAY, NEW_YEAR + DAY, ""),
        (datetime(1, 1, 1, tzinfo=UTC), NEW_YEAR + DAY, "rafah"),
        (NEW_YEAR + 24 * DAY, datetime(9999, 12, 31, tzinfo=UTC), "people"),
    ],
)
def test_range_of_publication(
    corpus_store: DocumentStore, since: datetime | None, until: datetime | None, keys: str
) -> None:
    request = SearchRequest(query=Query(), since=since, until=until, limit=EVERY)
    assert sorted(search_keys(corpus_store, request)) == sorted(keys.split())
    assert sorted(key_of(stored.id for stored in corpus_store.scan("articles", request))) == sorted(keys.split())


def test_range_of_ingestion(corpus_store: DocumentStore) -> None:
    request = SearchRequest(query=Query(), by="ingested", since=INGESTED - timedelta(minutes=2), limit=EVERY)
    assert search_keys(corpus_store, request) == ["rafah", "airlift", "budget"]


def test_range_of_publication_holds_together_with_a_query(corpus_store: DocumentStore) -> None:
    request = SearchRequest(query=parse_query("killed:>=10"), since=NEW_YEAR + DAY)
    assert search_keys(corpus_store, request) == ["airlift"]


@pytest.mark.parametrize(
    ("text", "snippet"),
    [
        ("doctors", "At least 12 people were killed in Rafah on Monday, [doctors] said."),
        ('"port of Gaza"', "Gaza's port reopened. The [port of Gaza] City is small."),
        ("killed:>=12 -airlift", "[At least 12 people] were killed in Rafah on Monday, doctors said."),
        ("person:gallant taxes", "61 votes to 40. Finance minister Yoav [Gallant] said [taxes] rise 5 percent."),
    ],
)
def test_snippets_show_what_matched(corpus_store: DocumentStore, text: str, snippet: str) -> None:
    hits = corpus_store.search(SearchRequest(query=parse_query(text))).hits
    assert hits
    assert snippet in hits[0].snippets[0].replace(START, "[").replace(END, "]")


def test_hits_carry_the_whole_document(corpus_store: DocumentStore) -> None:
    (hit,) = corpus_store.search(SearchRequest(query=parse_query("doctors"))).hits
    stored = corpus_store.get("articles", hit.id)
    assert stored is not None
    assert hit.source == stored.source
