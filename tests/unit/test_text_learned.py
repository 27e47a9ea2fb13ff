"""Lines that a site repeats: what identifies one, which recur, and what an article is without them."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.elements import make_article
from transforms.elements import Article, Observed, Removed, SiteProfile
from transforms.state.observations import dump_observed, load_observed
from transforms.text.learned import MAX_SHARE, line_key, observe, sketch_of, without_learned
from transforms.text.recurring import MAX_LINES, distinct_texts, needed, recurring_lines, resemblance

PROMOTION = "The Gazette Morning Tide lands before breakfast."
WORDS = (
    "harbour", "council", "ferry", "engine", "winter", "timber", "school", "bridge", "market", "season", "captain",
    "cottage", "orchard", "station",
)  # fmt: skip


def story(seed: int, *, sentences: int = 8) -> str:
    """Return paragraphs that no other seed has."""
    words = random.Random(seed)
    lines = (" ".join(words.choices(WORDS, k=14)).capitalize() + f" of day {seed}." for _ in range(sentences))
    return "\n\n".join(lines)


def seen(*bodies: str) -> list[Observed]:
    return [observe(body) for body in bodies]


def profile(*lines: str) -> SiteProfile:
    return SiteProfile(
        site="gazette.example", version=3, lines=frozenset(key for each in lines if (key := line_key(each)))
    )


# --- what identifies a line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Gazette Morning Tide lands before breakfast.", "THE GAZETTE “Morning Tide” lands before breakfast"),
        (
            "This story was last changed at 14:35 on 3 May 2026.",
            "This story was last changed at 9:05 on Monday 4 June 2026.",
        ),
        ("Corrected on 2026-05-03 by the night desk", "Corrected on 12.11.2025 by the night desk"),
        ("© The Harbour Gazette 2025, printed in Ystad", "© The Harbour Gazette 2026, printed in Ystad"),
        ("Mis à jour le 3 mai 2026 à 14h35 par le bureau", "Mis à jour le 12 juin 2025 à 9h05 par le bureau"),
    ],
)
def test_case_punctuation_dates_and_times_make_no_other_line(one: str, other: str) -> None:
    assert line_key(one) == line_key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brent crude closed 2 percent higher today", "Brent crude closed 3 percent higher today"),
        ("Harbour City 3 Ystad United 1 at full time", "Harbour City 2 Ystad United 1 at full time"),
        ("Water level at the quay was 112 centimetres", "Water level at the quay was 118 centimetres"),
    ],
)
def test_other_numbers_are_what_a_line_says(one: str, other: str) -> None:
    assert line_key(one) != line_key(other)


@pytest.mark.parametrize("line", ["What we know", "| Team | Played | Won | Drawn |", "x" * 601, "_" * 41, ""])
def test_headings_rows_of_tables_and_long_paragraphs_are_never_a_sites_own(line: str) -> None:
    assert line_key(line) is None


def test_separators_count() -> None:
    assert line_key("___") not in (None, line_key("* * *"))


@given(st.text())
def test_any_line_has_a_key_of_64_bits_or_none(line: str) -> None:
    key = line_key(line)
    assert key is None or 0 <= key < 2**64


@given(st.text(max_size=3_000))
def test_any_body_is_observed_within_bounds_and_kept_as_it_is(body: str) -> None:
    observed = observe(body)
    assert len(observed.lines) <= 40
    assert len(observed.sketch) <= 32
    assert load_observed(dump_observed(observed)) == observed
    assert len(dump_observed(observed)) < 1_000


def test_of_a_long_text_the_edges_are_observed() -> None:
    lines = [f"Paragraph {number} of a very long read" for number in range(200)]
    keys = observe("\n\n".join(lines)).lines
    assert len(keys) == 40
    assert {line_key(lines[0]), line_key(lines[9]), line_key(lines[170]), line_key(lines[199])} <= set(keys)
    assert line_key(lines[100]) not in keys


# --- which lines recur


def test_a_line_of_most_articles_recurs_and_no_other_does() -> None:
    bodies = [f"{story(number)}\n\n{PROMOTION}" if number % 2 else story(number) for number in range(10)]
    counted = recurring_lines(seen(*bodies))
    assert counted.articles == 10
    assert [(line.key, line.articles) for line in counted.lines] == [(line_key(PROMOTION), (1, 3, 5, 7, 9))]


def test_of_three_articles_nothing_is_learned() -> None:
    assert recurring_lines(seen(*(f"{story(number)}\n\n{PROMOTION}" for number in range(3)))).lines == ()


@pytest.mark.parametrize(("articles", "times"), [(4, 2), (5, 3), (10, 3), (11, 4), (50, 15), (200, 60)])
def test_how_often_a_line_must_recur(articles: int, times: int) -> None:
    for count, is_in in ((times - 1, False), (times, True)):
        bodies = [f"{story(number)}\n\n{PROMOTION}" if number < count else story(number) for number in range(articles)]
        assert bool(recurring_lines(seen(*bodies)).lines) is is_in
    assert needed(articles) == times


def test_an_article_that_was_published_ten_times_counts_once() -> None:
    reposts = [story(1).replace("ferry", "boat", number % 2) for number in range(10)]
    others = [story(number) for number in range(2, 8)]
    counted = recurring_lines(seen(*reposts, *others))
    assert (counted.articles, counted.lines) == (7, ())


def test_articles_that_share_long_promotions_are_not_taken_for_copies() -> None:
    promotions = "\n\n".join(f"{PROMOTION} Part {number} of it has so many words again." for number in range(3))
    bodies = [f"{story(number, sentences=5)}\n\n{promotions}" for number in range(6)]
    counted = recurring_lines(seen(*bodies))
    assert (counted.articles, len(counted.lines)) == (6, 3)


def test_a_line_that_differs_from_article_to_article_never_comes_in() -> None:
    bodies = [
        f"{story(number)}\n\nHarbour City {number} Ystad United {number + 1} at full time" for number in range(50)
    ]
    assert recurring_lines(seen(*bodies)).lines == ()


def test_a_known_line_stays_until_half_of_what_it_needed_have_it() -> None:
    def lines(times: int) -> int:
        bodies = [f"{story(n)}\n\n{PROMOTION}" if n < times else story(n) for n in range(40)]
        return len(recurring_lines(seen(*bodies), frozenset({line_key(PROMOTION) or 0})).lines)

    assert [lines(times) for times in (12, 6, 5, 0)] == [1, 1, 0, 0]


def test_a_hostile_site_fills_no_more_than_a_profile() -> None:
    many = [Observed(lines=tuple(range(1_000)), sketch=sketch_of(story(number))) for number in range(20)]
    assert len(recurring_lines(many).lines) == MAX_LINES


def test_copies_are_told_from_other_stories() -> None:
    copy = sketch_of(story(1).replace("harbour", "port", 1))
    assert resemblance(sketch_of(story(1)), copy) > 0.8
    assert resemblance(sketch_of(story(1)), sketch_of(story(2))) < 0.2
    assert distinct_texts([sketch_of(story(1)), copy, sketch_of(story(2)), sketch_of("")]) == [0, 2, 3]


# --- an article without them


def cleaned(body: str, *lines: str) -> Article:
    return without_learned(make_article(body=body), profile(*lines))


def test_learned_lines_go_and_are_told() -> None:
    before = make_article(body=f"{story(1)}\n\n{PROMOTION}", removed=(Removed(text="Share", rule="share"),))
    after = without_learned(before, profile(PROMOTION))
    assert after.body == story(1)
    assert after.removed == (Removed(text="Share", rule="share"), Removed(text=PROMOTION, rule="learned"))
    assert after.site_profile == 3
    assert after.raw_sha256 == before.raw_sha256, "what is learned later makes no page new"
    assert after.sha256 == hashlib.sha256(f"{before.title}\n\n{story(1)}".encode()).hexdigest()


def test_an_article_without_them_is_the_same_but_for_the_version() -> None:
    article = cleaned(story(1), PROMOTION)
    assert (article.body, article.removed, article.site_profile) == (story(1), (), 3)


def test_lists_and_rows_keep_their_breaks() -> None:
    body = f"{story(1)}\n\n- one\n- two\n\n| a | b |\n| 1 | 2 |\n\n{PROMOTION}"
    assert cleaned(body, PROMOTION).body == body.removesuffix(f"\n\n{PROMOTION}")


def test_never_more_than_the_share_of_a_text_goes_and_the_end_goes_first() -> None:
    lines = [f"Sentence {'abcdefghij'[number]} of a notice that every article has" for number in range(10)]
    article = cleaned("\n\n".join(lines), *lines)
    assert article.body.split("\n\n") == lines[:7]
    assert [each.text for each in article.removed] == lines[7:]


@given(st.lists(st.sampled_from([PROMOTION, story(1), "___", "A line of its own, number one"]), max_size=12))
def test_whatever_is_learned_most_of_a_text_stays(lines: list[str]) -> None:
    body = "\n\n".join(lines)
    article = cleaned(body, *body.split("\n"))
    gone = sum(len(each.text) for each in article.removed)
    assert gone <= MAX_SHARE * sum(map(len, body.split("\n")))
