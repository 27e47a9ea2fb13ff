"""The local news web as a process of its own: `python -m tests.support.newsweb --ready-file FILE`.

Serves until SIGTERM or SIGINT, until its standard input ends (when that is a pipe), or until its parent is gone:
it never outlives who started it.
"""

import argparse
import json
import os
import signal
import stat
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from .server import NewsWeb

PARENT_CHECK_S = 0.5


def main(arguments: list[str] | None = None) -> None:
    parent = os.getppid()
    options = parse(arguments)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), done.set()), daemon=True).start()
    with make_web(options) as web:
        if options.ready_file:
            announce(web, options.ready_file)
        else:
            print(web.address, flush=True)
        while not done.wait(PARENT_CHECK_S) and os.getppid() == parent:
            pass


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.newsweb", description="A local news web on loopback."
    )
    parser.add_argument("--port", type=int, default=0, help="port (default 0: the system chooses)")
    parser.add_argument("--log", type=Path, help="append every request to this file as a JSON line")
    parser.add_argument("--ready-file", type=Path, help="write address, resolve and feeds here as JSON once serving")
    parser.add_argument("--slow-s", type=float, default=3.0, help="seconds per answer of slow.example (default 3)")
    parser.add_argument("--delay-s", type=float, default=0.0, help="seconds per answer of the others (default 0)")
    parser.add_argument(
        "--second-edition-after", type=int, metavar="N", help="new entries from poll N + 1 of a feed on"
    )
    parser.add_argument("--recent", action="store_true", help="move all articles by whole weeks to the last seven days")
    parser.add_argument("--big", type=int, metavar="PAGES", help="serve so many generated pages instead")
    parser.add_argument("--sites", type=int, default=20, help="hosts of the generated pages (default 20)")
    return parser.parse_args(arguments)


def make_web(options: argparse.Namespace) -> NewsWeb:
    if options.big:
        return NewsWeb.big(pages=options.big, sites=options.sites, delay_s=options.delay_s, log_path=options.log)
    return NewsWeb(
        port=options.port,
        delay_s=options.delay_s,
        slow_s=options.slow_s,
        log_path=options.log,
        newest_at=datetime.now(UTC) if options.recent else None,
        second_edition_after_polls=options.second_edition_after,
    )


def announce(web: NewsWeb, path: Path) -> None:
    """Write the ready file in one step: who sees it sees all of it."""
    text = json.dumps({"address": web.address, "resolve": web.resolve, "feeds": web.feed_urls}, indent=1)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    main()
