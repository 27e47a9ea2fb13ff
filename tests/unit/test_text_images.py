"""Pictures: which file, whose, and what is said of it."""

import pytest
from lxml import html
from lxml.html import HtmlElement

from transforms.elements import Image
from transforms.text.images import find_images, split_credit
from transforms.text.srcset import candidates

URL = "https://www.gazette.example/news/harbour"


def figures(body: str) -> tuple[Image, ...]:
    tree: HtmlElement = html.fromstring(f"<html><body><article>{body}</article></body></html>")
    return find_images(tree, linked=[], covers=[], base=URL)


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        ("/a.jpg 640w, /b.jpg 1280w", ["/a.jpg 640.0w", "/b.jpg 1280.0w"]),
        (
            "/w_640,h_360/a.jpg 640w,/w_1280,h_720/a.jpg 1280w",
            ["/w_640,h_360/a.jpg 640.0w", "/w_1280,h_720/a.jpg 1280.0w"],
        ),
        ("/a.jpg, /b.jpg 2x", ["/a.jpg 1.0x", "/b.jpg 2.0x"]),
        (" ,, /a.jpg 100w 50h, /b.jpg 3x,", ["/a.jpg 100.0w", "/b.jpg 3.0x"]),
        ("/a.jpg 100q, /b.jpg 200w", ["/b.jpg 200.0w"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_candidates_of_a_srcset(srcset: str, expected: list[str]) -> None:
    assert [f"{url} {size}{unit}" for url, size, unit in candidates(srcset)] == expected


@pytest.mark.parametrize("text", [",", "a ", " ", "a", "a 1w,", "a 1w 1w "])
def test_a_srcset_of_any_length_takes_no_time(text: str) -> None:
    assert len(list(candidates(text * 100_000))) <= 10_000  # ends: quadratic, it would take minutes


def test_the_largest_file_is_taken_with_its_size() -> None:
    [image] = figures(
        '<figure><img src="/small.jpg" width="400" height="300"'
        ' srcset="/s.jpg 400w, /l.jpg 1600w, /print.jpg 9000w"></figure>'
    )
    assert (image.url, image.width, image.height) == ("https://www.gazette.example/l.jpg", 1600, 1200)


def test_sources_around_a_picture_count_and_placeholders_do_not() -> None:
    [image] = figures(
        '<figure><picture><source srcset="/wide.webp 1200w"><source data-srcset="/wider.webp 2000w">'
        '<img src="data:image/gif;base64,R0" alt="The quay"></picture></figure>'
    )
    assert (image.url, image.width, image.alt) == ("https://www.gazette.example/wider.webp", 2000, "The quay")


@pytest.mark.parametrize(
    ("inside", "caption", "credit", "agency"),
    [
        (
            '<figcaption>The quay. <span class="credit">Photo: Ann Lee/AFP</span></figcaption>',
            "The quay.",
            "Ann Lee/AFP",
            "AFP",
        ),
        (
            '<figcaption>The quay.</figcaption><span class="img-copyright">© Associated Press</span>',
            "The quay.",
            "Associated Press",
            "AP",
        ),
        ('<figcaption class="credit">Photograph: Getty</figcaption>', None, "Getty", "Getty Images"),
        (
            '<span itemprop="copyrightHolder">picture alliance / Ann Lee</span>',
            None,
            "picture alliance / Ann Lee",
            "dpa",
        ),
        ("<figcaption>The quay at dawn.</figcaption>", "The quay at dawn.", None, None),
    ],
)
def test_a_credit_in_an_element_of_its_own(
    inside: str, caption: str | None, credit: str | None, agency: str | None
) -> None:
    [image] = figures(f'<figure><img src="/a.jpg">{inside}</figure>')
    assert (image.caption, image.credit, image.agency) == (caption, credit, agency)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("The quay. (Photo by Ann Lee/AFP)", ("The quay.", "Ann Lee/AFP")),
        ("The quay. Photograph: AP S (uk)/Alamy", ("The quay.", "AP S (uk)/Alamy")),
        ("Der Kai. Foto: dpa", ("Der Kai.", "dpa")),
        ("The quay © Ann Lee", ("The quay", "Ann Lee")),
        ("The quay at dawn.", ("The quay at dawn.", None)),
    ],
)
def test_caption_and_credit_are_told_apart(caption: str, expected: tuple[str, str | None]) -> None:
    assert split_credit(caption) == expected


def test_pictures_are_merged_by_file_and_icons_left_out() -> None:
    body = (
        '<figure><img src="/a.jpg?w=10" alt="The quay" width="800">'
        "<figcaption>Dawn. Photo: Reuters</figcaption></figure>"
        '<figure><img src="/icon.png" width="16" height="16"></figure>'
        '<figure><img src="data:image/gif;base64,R0"></figure>'
    )
    images = find_images(
        html.fromstring(f"<body>{body}</body>"), linked=[], covers=["/a.jpg", "javascript:alert(1)"], base=URL
    )
    assert [(i.url, i.alt, i.caption, i.agency, i.width) for i in images] == [
        ("https://www.gazette.example/a.jpg", "The quay", "Dawn.", "Reuters", 800)
    ]
