"""Saved pages for backfill tests and benches: a folder of `.html` and `.html.gz` files with `urls.csv`."""

import csv
import gzip
from pathlib import Path

from .generated import BULK_BYTES, bulk_markup, generated_article, generated_publishers
from .templates import render_page

SITES = 20
GZIP_EVERY = 4


def save_pages(folder: Path, n: int, *, bulk_bytes: int = BULK_BYTES) -> Path:
    """Write `n` generated pages and the `urls.csv` (columns `file,url`) that tells where each was; return its path.

    Every fourth page is gzipped. The same `n` writes the same bytes, on any machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    publishers = {publisher.host: publisher for publisher in generated_publishers(SITES)}
    table = folder / "urls.csv"
    with open(table, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("file", "url"))
        for number in range(n):
            article = generated_article(number, SITES)
            publisher = publishers[article.host]
            page = render_page(article, publisher, bulk=bulk_markup(article.slug, bulk_bytes)).encode()
            name = f"page-{number:05}.html"
            if number % GZIP_EVERY == GZIP_EVERY - 1:
                name, page = f"{name}.gz", gzip.compress(page, compresslevel=6, mtime=0)
            (folder / name).write_bytes(page)
            rows.writerow((name, publisher.url(article)))
    return table
