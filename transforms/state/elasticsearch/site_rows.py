"""The rows of sites and runs of the ledger in Elasticsearch, and the site rules: pure functions."""

from collections.abc import Mapping
from typing import Any

from transforms.state.base import SiteRule
from transforms.state.elasticsearch.changes import Source

NEW_SITE: Source = {
    "next_at": 0.0,
    "crawl_delay_s": 0.0,
    "epoch": 0,
    "owner": None,
    "host": None,
    "run": None,
    "cut_off": 0,
    "counted_run": None,
    "requests": 0,
    "pauses": 0,
    "pause_until": None,
    "pause_why": None,
    "mark": None,
}


def run_may_fetch(run: Source | None) -> bool:
    """Say whether a run's page limit leaves room for another page."""
    return run is not None and (run["max_pages"] is None or run["pages"] < run["max_pages"])


def pause_s(site: Source, rules: Mapping[str, SiteRule], default_delay_s: float) -> float:
    """Return the pause between two requests to a site: the user's, or a longer one that robots.txt asked for."""
    rule = rules.get(site["site"])
    delay_s = default_delay_s if rule is None or rule.delay_s is None else rule.delay_s
    return float(max(delay_s, site["crawl_delay_s"]))


def rules_text(rules: Mapping[str, SiteRule], default_delay_s: float) -> dict[str, Any]:
    """Return the site rules as JSON values."""
    return {
        "default_delay_s": default_delay_s,
        "rules": {site: {"delay_s": rule.delay_s, "paused": rule.paused} for site, rule in sorted(rules.items())},
    }
