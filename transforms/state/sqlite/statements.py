"""The ledger's longer statements, and their rows as elements."""

from typing import Any

from transforms.elements import History
from transforms.state.base import DueFeed, DueUrl, Settlement
from transforms.state.rows import instant, load_entry, load_source

# A look is read-only. `:run` limits polls to the feeds that this run may poll; `:pages` is 0 when its limit is reached.
DUE_SITES = """
SELECT site, pause_s, epoch, owner IS NOT NULL FROM ledger_sites s
WHERE next_at <= :now AND NOT paused AND (owner IS NULL OR lease_until <= :now OR lease_until > :now + 2 * :lease_s)
  AND ((:pages AND EXISTS (SELECT 1 FROM ledger_urls u
          WHERE u.site = s.site AND u.state = 'pending' AND u.due_at <= :now))
    OR EXISTS (SELECT 1 FROM ledger_feeds f WHERE f.site = s.site AND f.due_at <= :now
               AND (f.poll_run = :run OR (f.listed AND :every_feed))))
ORDER BY next_at LIMIT :limit"""
URL_CELLS = """
SELECT url, hops, attempts, blamed, entry, document_id, first_seen, revision, raw_sha256, version, figures, quotes,
  validators, (SELECT group_concat(feed, char(10)) FROM ledger_origins o WHERE o.url = u.url) FROM ledger_urls u"""
DUE_URLS = f"{URL_CELLS} WHERE site = ? AND state = 'pending' AND due_at <= ? ORDER BY due_at LIMIT ?"
PENDING_URL = f"{URL_CELLS} WHERE url = ? AND state = 'pending'"
DUE_FEEDS = """
SELECT source, poll_url, hops, etag, last_modified, validators_url, body_sha256, failures, polls, memory
FROM ledger_feeds f
WHERE site = :site AND due_at <= :now AND (poll_run = :run OR (listed AND :every_feed)) ORDER BY due_at"""

# `created` is what the history says, not what the store answered: a killed attempt may have stored it already (7).
SETTLE = """
UPDATE ledger_urls SET state = 'settled', settled_at = :now, reason = :reason, blamed = 0, attempts = 0,
  outcome = CASE WHEN :outcome != 'stored' THEN :outcome
    WHEN version = 0 OR (outcome = 'created' AND settled_run = :run) THEN 'created'
    WHEN raw_sha256 = :raw_sha256 AND :reason = '' THEN 'unchanged' ELSE 'updated' END,
  settled_run = :run,
  entry = CASE WHEN :outcome = 'dead_lettered' THEN entry ELSE NULL END,
  version = CASE WHEN :outcome = 'stored' THEN :version ELSE version END,
  document_id = CASE WHEN :outcome = 'stored' THEN coalesce(document_id, :document_id) ELSE document_id END,
  raw_sha256 = CASE WHEN :outcome = 'stored' THEN :raw_sha256 ELSE raw_sha256 END,
  revision = CASE WHEN :outcome = 'stored' THEN :revision ELSE revision END,
  figures = CASE WHEN :outcome = 'stored' THEN :figures ELSE figures END,
  quotes = CASE WHEN :outcome = 'stored' THEN :quotes ELSE quotes END,
  validators = CASE WHEN :outcome IN ('stored', 'unchanged') THEN :validators ELSE validators END
WHERE url = :url AND version < :version"""


def settle_cells(done: Settlement) -> dict[str, Any]:
    """Return the parameters of `SETTLE` that come from the settlement."""
    return {
        "url": done.url,
        "outcome": done.outcome,
        "reason": done.reason,
        "version": done.version,
        "document_id": done.document_id,
        "raw_sha256": done.raw_sha256,
        "revision": done.revision,
        "figures": done.figures,
        "quotes": done.quotes,
        "validators": done.validators,
    }


def due_feed(row: tuple[Any, ...]) -> DueFeed:
    """Return a row of `DUE_FEEDS`."""
    source, poll_url, hops, etag, last_modified, validators_url, body_sha256, failures, polls, memory = row
    return DueFeed(
        source=load_source(source),
        poll_url=poll_url,
        hops=hops,
        etag=etag,
        last_modified=last_modified,
        validators_url=validators_url,
        body_sha256=body_sha256,
        failures=failures,
        polls=polls,
        memory=memory,
    )


def due_url(row: tuple[Any, ...]) -> DueUrl:
    """Return a row of `DUE_URLS` or `PENDING_URL`."""
    url, hops, attempts, blamed, entry, document_id, first_seen, revision, raw_sha256, version, *rows, feeds = row
    figures, quotes, validators = rows
    history = History(
        document_id=document_id,
        first_seen=instant(first_seen),
        revision=revision,
        raw_sha256=raw_sha256,
        version=version,
        figures=figures,
        quotes=quotes,
        validators=validators,
        feeds=tuple(sorted((feeds or "").split("\n"))) if feeds else (),
    )
    return DueUrl(url=url, hops=hops, attempts=attempts, blamed=blamed, entry=load_entry(entry), history=history)
