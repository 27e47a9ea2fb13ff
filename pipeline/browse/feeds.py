"""How the feeds are doing, from the ledger, which is opened for one look and never made or changed."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import tzinfo
from typing import Any

from pipeline import stores
from pipeline.browse.shown import safe_link
from pipeline.health import health
from pipeline.hits import local_time
from pipeline.output import line
from pipeline.settings import Settings
from transforms.errors import NewsbeamError
from transforms.feeds.health import feed_health


def feeds_context(settings: Settings) -> dict[str, Any]:
    """Return what the page of feeds shows; `missing` says why where there is no ledger to look into."""
    from transforms.state import open_state

    if not stores.has_ledger(settings):
        return {"missing": f"there is no ledger {settings.state}; --state names another"}
    try:
        with closing(open_state(settings.state)) as state:
            status = health(state)
            rows = state.feeds()
    except (NewsbeamError, sqlite3.Error) as err:  # a file of articles alone, or one of an older newsbeam
        return {"missing": f"the ledger {settings.state} cannot be read ({err}); --state names another"}
    last = status["last_run"] or {}
    return {
        "problems": [line(problem) for problem in status["problems"]],
        "scheduler": "running" if status["scheduler"] else "not running",
        "last_run": " ".join(
            [line(last.get("command")), local_time(last.get("started_at"), settings.zone)] if last else ["none yet"]
        ),
        "pending": status["pending"],
        "outcomes": sorted(status["outcomes"].items()),
        "feeds": [_feed(row, settings.zone) for row in rows],
    }


def _feed(row: Mapping[str, Any], zone: tzinfo) -> Mapping[str, Any]:
    memory = feed_health(row.get("memory"))
    polls = row.get("polls") or 0
    return {
        "id": line(row.get("id")),
        "url": line(row.get("url")),
        "link": safe_link(row.get("url")),
        "polled": local_time(row.get("polled_at"), zone) or "never",
        "due": "retired" if memory.get("retired") else local_time(row.get("next_poll_at"), zone) or "now",
        "why": line(memory.get("why")),
        "failures": row.get("failures") or 0,
        "answer": line(row.get("error") or row.get("status_code")),
        "message": line(row.get("message")),
        "unchanged": f"{round(100 * row['not_modified'] / polls)} %" if polls else "",
        "entries": row.get("entries"),
        "gap": local_time(memory.get("gap_from"), zone),
    }
