"""Pages in shapes that no editor makes, each with some of a story in it; made when asked for, they are large."""

from collections.abc import Callable

SENTENCE = "The council approved the plan for the harbour on Tuesday night, after a debate of almost three years. "
STORY = f"<h1>Harbour plan approved</h1><p>{SENTENCE * 3}</p><p>{SENTENCE * 2}</p>"


def _page(body: str, head: str = "") -> bytes:
    return f"<html><head><title>Harbour plan</title>{head}</head><body>{body}</body></html>".encode()


SHAPES: dict[str, Callable[[], bytes]] = {
    "100,000 flat divs": lambda: _page("".join(f"<div>Line {n} of it</div>" for n in range(100_000)) + STORY),
    "50,000 links": lambda: _page(
        "".join(f'<a href="/n/{n}">Story number {n} here</a> ' for n in range(50_000)) + STORY
    ),
    "50,000 paragraphs": lambda: _page(STORY + "".join(f"<p>Paragraph {n} says this.</p>" for n in range(50_000))),
    "20,000 table rows": lambda: _page(STORY + "<table>" + "<tr><td>a</td><td>b</td></tr>" * 20_000 + "</table>"),
    "nested 20,000 deep": lambda: _page("<div>" * 20_000 + STORY),
    "unclosed marks": lambda: _page("<b><i><font>" * 5_000 + STORY),
    "unclosed lists and quotes": lambda: _page("<ul><li><blockquote>" * 3_000 + STORY),
    "one word of 5 MB": lambda: _page(STORY + "<p>" + "x" * 5_000_000),
    "one line of 4 MB": lambda: _page(STORY + "<p>" + SENTENCE * 40_000),
    "NUL bytes": lambda: _page(STORY).replace(b" ", b" \x00"),
    "mixed encodings": lambda: _page(STORY) + "<p>Größe</p>".encode("latin-1") * 50 + "<p>Größe</p>".encode("utf-16"),
    "frames only": lambda: (
        b"<html><head><title>x</title></head><frameset><frame src=/a><frame src=/b></frameset></html>"
    ),
    "scripts only": lambda: _page("<script>" + "var a = '<p>text</p>';" * 50_000 + "</script>"),
    "an attribute of 3 MB": lambda: _page(f'<div class="{"promo-x " * 400_000}">{STORY}</div>'),
    "30,000 classes and cards": lambda: _page(
        "<ul>"
        + "".join(f'<li class="c{n}"><a href="/n/{n}">Another story told</a></li>' for n in range(30_000))
        + STORY
    ),
    "JSON-LD without end": lambda: _page(STORY, '<script type="application/ld+json">' + '{"@graph":[' * 100_000),
    "quotation marks in every line": lambda: _page(
        STORY + "".join(f"<p>“Line {n} is quoted, long enough to be a pull quote of them.”</p>" for n in range(5_000))
    ),
}
