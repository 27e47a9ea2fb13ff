"""Paywalled, opinion, live blog, an agency's copy: where the page says so, and nowhere else."""

import pytest

from transforms.elements import Removed
from transforms.text.flags import agency_of, is_live_blog, is_opinion, read_free

HOST = "https://opinion-live.example"
BODY = "The council approved the plan."


@pytest.mark.parametrize(
    ("values", "free"),
    [
        (("http://schema.org/False", "free"), False),
        ((None, "True"), True),
        (("locked",), False),
        (("metered",), False),
        (("free",), True),
        (("maybe", "{}", ""), None),
        ((), None),
    ],
)
def test_the_first_value_that_says_whether_reading_is_free_decides(values: tuple[str | None, ...], free: bool) -> None:
    assert read_free(values) is free


@pytest.mark.parametrize(
    ("path", "section", "kinds", "expected"),
    [
        ("/opinion/harbour", None, (), True),
        ("/news/harbour", "Meinung", (), True),
        ("/news/harbour", "Opinión", (), True),
        ("/news/harbour", None, ("OpinionNewsArticle",), True),
        ("/news/opinion", "News", ("NewsArticle",), False),  # a headline of one word
        ("/opinion-polls/harbour", "Opinion polls", (), False),
    ],
)
def test_opinion_is_what_type_section_or_path_call_one(
    path: str, section: str | None, kinds: tuple[str, ...], expected: bool
) -> None:
    assert is_opinion(HOST + path, section, kinds) is expected


@pytest.mark.parametrize(
    ("path", "kinds", "expected"),
    [
        ("/news/harbour", ("LiveBlogPosting",), True),
        ("/news/live/harbour", (), True),
        ("/liveticker/hafen", (), True),
        ("/live-music/harbour", (), False),
        ("/news/live", ("NewsArticle",), False),
    ],
)
def test_live_blog_is_what_type_or_path_call_one(path: str, kinds: tuple[str, ...], expected: bool) -> None:
    assert is_live_blog(HOST + path, kinds) is expected


@pytest.mark.parametrize(
    ("body", "agency"),
    [
        ("BERLIN, May 3 (Reuters) - The council approved the plan.", "Reuters"),
        ("Hamburg (dpa/lno) - Der Rat stimmte dem Plan zu.", "dpa"),
        ("Wien (APA/dpa) - Der Rat stimmte dem Plan zu.", "APA"),
        ("PARIS (AFP) — Le conseil a voté.", "AFP"),
        ("The council met. It asked an agency (Reuters) for its pictures.", None),
        ("The council (AP Hill district) approved the plan.", None),
    ],
)
def test_dateline_names_the_agency(body: str, agency: str | None) -> None:
    assert agency_of(body, (), (), site_name="The Gazette") == agency


@pytest.mark.parametrize(
    ("rule", "text", "agency"),
    [
        ("copyright", "© 2025 The Associated Press. All rights reserved.", "AP"),
        ("copyright", "Copyright 2025 AFP", "AFP"),
        ("copyright", "© Philadelphia, PA 2025", None),
        ("copyright", "© Getty Images", None),
        ("credit", "Photo: AFP", None),  # of the picture, not of the text
    ],
)
def test_line_of_copyright_names_the_agency(rule: str, text: str, agency: str | None) -> None:
    assert agency_of(BODY, [Removed(text=text, rule=rule)], (), site_name="The Gazette") == agency


def test_credited_agency_counts_but_on_its_own_site() -> None:
    assert agency_of(BODY, (), ("The Gazette", "Reuters"), site_name="The Gazette") == "Reuters"
    assert agency_of(BODY, (), ("Reuters",), site_name="Reuters") is None
