"""What extraction costs beside other libraries: CPU time, every page by every system in turn, in one process.

Text and metadata, as each library's users ask for both. Ratios only: the machine may be shared. With --peers,
newspaper4k, news-please and goose3 are installed into a virtual environment that is thrown away; they are never
dependencies.

Called by `scripts/quality_gate --speed`.
"""

import contextlib
import gzip
import io
import logging
import statistics
import subprocess
import sysconfig
import tempfile
import time
import venv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import trafilatura

ROOT = Path(__file__).resolve().parent.parent
PEERS = ("newspaper4k", "news-please", "goose3", "lxml_html_clean")
WARM_UP_PAGES = 8  # first pages load models and compile patterns

Read = Callable[[str, str], str | None]
Seconds = dict[str, dict[str, float]]  # of CPU, by system and set


class Times(NamedTuple):
    """Seconds of CPU round by round, and on how many pages each system found a text."""

    rounds: tuple[Seconds, ...]
    texts: Counter[str]


def systems(newsbeam: Read) -> dict[str, Read]:
    """Return ours, trafilatura as its users call it, and the peers that are installed here."""
    found: dict[str, Read] = {"newsbeam": newsbeam, "trafilatura": _trafilatura}
    with contextlib.suppress(ImportError):
        import newspaper

        found["newspaper4k"] = lambda markup, url: newspaper.article(url, input_html=markup).text
    with contextlib.suppress(ImportError):
        from newsplease import NewsPlease

        found["news-please"] = lambda markup, url: NewsPlease.from_html(markup, url=url).maintext
    with contextlib.suppress(ImportError):
        from goose3 import Goose

        goose = Goose({"enable_image_fetching": False})
        found["goose3"] = lambda markup, _: goose.extract(raw_html=markup).cleaned_text
    return found


def _trafilatura(markup: str, url: str) -> str | None:
    found = trafilatura.bare_extraction(markup, url=url, include_comments=False, with_metadata=True)
    return getattr(found, "text", None)


def measure(pages: Sequence[tuple[str, Path, str]], readers: dict[str, Read], *, rounds: int) -> Times:
    """Return CPU seconds; the order turns with every page, so that no one is always first."""
    logging.disable(logging.CRITICAL)
    texts: Counter[str] = Counter()
    _round(pages[:WARM_UP_PAGES], readers, Counter())
    return Times(tuple(_round(pages, readers, texts) for _ in range(rounds)), texts)


def _round(pages: Sequence[tuple[str, Path, str]], readers: dict[str, Read], texts: Counter[str]) -> Seconds:
    spent: Seconds = {name: defaultdict(float) for name in readers}
    names = list(readers)
    for number, (dataset, path, url) in enumerate(pages):
        markup = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        for name in names[number % len(names) :] + names[: number % len(names)]:
            started = time.process_time()
            # A peer that raises has read the page all the same; what it prints is no result.
            with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
                texts[name] += bool(readers[name](markup, url))
            spent[name][dataset] += time.process_time() - started
    return spent


def report(times: Times, counts: dict[str, int]) -> Iterator[str]:
    """Yield one line per system: how many times as long as newsbeam it takes, by set and in all, and its texts.

    Medians of the rounds' ratios, and the range of those in all: one round moves by a tenth on a shared machine.
    """
    yield f"{'CPU, as a multiple of newsbeam':32}" + "".join(f"{name:>13}" for name in (*counts, "all", "texts"))
    for name in times.rounds[0]:
        ratios = [
            [spent[name][each] / spent["newsbeam"][each] for each in counts]
            + [sum(spent[name].values()) / sum(spent["newsbeam"].values())]
            for spent in times.rounds
        ]
        middle = "".join(f"{statistics.median(column):13.2f}" for column in zip(*ratios, strict=True))
        whole = [each[-1] for each in ratios]
        share = times.texts[name] / (len(times.rounds) * sum(counts.values()))
        yield f"{name:32}{middle}{share:13.2f}  {min(whole):.2f} to {max(whole):.2f} in {len(whole)} rounds"


def in_throwaway_venv(arguments: Sequence[str]) -> int:
    """Run `scripts/quality_gate` again with the peers beside our packages; return its exit code."""
    with tempfile.TemporaryDirectory(prefix="newsbeam-peers-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        site = next(Path(folder).glob("lib/python*/site-packages"))
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
        # Behind the peers' own: what they pinned wins for all systems alike.
        (site / "newsbeam.pth").write_text(f"{ROOT}\n{sysconfig.get_paths()['purelib']}\n", encoding="utf-8")
        return subprocess.run([python, ROOT / "scripts" / "quality_gate", *arguments], check=False).returncode
