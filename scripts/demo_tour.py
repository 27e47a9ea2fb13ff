"""The demo: start the local news web, ingest it with the real command, search, show. `scripts/demo` runs it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.newsweb import NewsWeb  # noqa: E402

FOLDER = ROOT / "demo"
NEWSBEAM = Path(sys.executable).with_name("newsbeam")
SHOWN = ("gazette", "tribune", "courier", "herald", "wire")


def main() -> int:
    """Run the tour; return its exit code."""
    FOLDER.mkdir(exist_ok=True)
    again = (FOLDER / "newsbeam.db").exists()
    with NewsWeb(newest_at=_newest_at(), slow_s=1.0, log_path=FOLDER / "requests.jsonl") as web:
        feeds = [url for url in web.feed_urls if url.split("//")[1].split(".")[0] in SHOWN]
        _configure(web, feeds)
        say(
            f"A local news web of {len(feeds)} publishers answers on {web.address}; its pages carry share bars, related"
        )
        say("links, and comment forms with 'Leave A Reply' and 'Your email address will not be published.'")
        before = len(web.requests())
        code = newsbeam("ingest", "--force") if again else newsbeam("ingest")
        if code != 0:
            return code
        requests = web.requests()[before:]
        not_modified = sum(request.status == 304 for request in requests)
        articles = set(web.article_urls())
        pages = sum(request.url in articles for request in requests)
        say(f"The web's own log: {len(requests)} requests, {not_modified} answered 304 (not modified),")
        say(f"{pages} for article pages.")
        if again and pages == 0 and not_modified == len(feeds):  # else the first run had been cut short
            say("This was a second run: every feed answered 304, and nothing was fetched twice.")
        newsbeam("search", '"paint store"')
        newsbeam("search", 'person:"Zofia Maternik"', "--limit", "3")
        newsbeam("search", "killed:>=10", "--limit", "5")
        found = subprocess.run(
            [NEWSBEAM, "search", 'site:herald.example killed:>=10', "--json", "--limit", "1"],
            cwd=FOLDER, capture_output=True, text=True, check=True,
        )  # fmt: skip
        article = json.loads(found.stdout.splitlines()[0])
        newsbeam("show", article["id"][:10])
    say("Next, with real feeds (in a folder of your own):")
    print(f"    {NEWSBEAM.relative_to(ROOT)} init --contact you@example.org")
    print(f"    {NEWSBEAM.relative_to(ROOT)} feeds add https://some.site/feed.xml")
    print(f"    {NEWSBEAM.relative_to(ROOT)} ingest --limit 20")
    return 0


def _newest_at() -> datetime:
    """Return the date of the newest article, the same in every run: else a second run would see another web."""
    path = FOLDER / "newest_at"
    if not path.exists():
        path.write_text(datetime.now(UTC).isoformat(), encoding="utf-8")
    return datetime.fromisoformat(path.read_text(encoding="utf-8"))


def _configure(web: NewsWeb, feeds: list[str]) -> None:
    resolve = "".join(f'    {host}: "{address}"\n' for host, address in sorted(web.resolve.items()))
    (FOLDER / "newsbeam.yaml").write_text(
        f"contact: desk@example.org\nfetch:\n  delay: 0.5s\n  resolve:\n{resolve}", encoding="utf-8"
    )
    blocks = "".join(f"  - url: {url}\n" for url in feeds)
    (FOLDER / "feeds.yaml").write_text(f"feeds:\n{blocks}", encoding="utf-8")


def newsbeam(*arguments: str) -> int:
    """Show a command, run it for real in the demo's folder, return its exit code."""
    shown = " ".join(f"'{word}'" if any(char in word for char in ' ":>') else word for word in arguments)
    print(f"\n$ newsbeam {shown}", flush=True)
    return subprocess.run([NEWSBEAM, *arguments], cwd=FOLDER, check=False).returncode


def say(text: str) -> None:
    """Print a line of the tour's own."""
    print(f"# {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
