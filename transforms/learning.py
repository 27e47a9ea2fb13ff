"""Between runs: what articles showed of their sites becomes the next version of the sites' profiles. Beam-free."""

import time
from collections.abc import Mapping, Sequence
from functools import cache

from transforms.elements import Learned, LearnedLine
from transforms.index.base import DocumentStore
from transforms.state.base import Observation, StateStore
from transforms.text.learned import RULE, line_key
from transforms.text.recurring import MIN_ARTICLES, Recurring, recurring_lines

MAX_SITES = 5_000  # at one time; what is left is counted the next time
LOOKED_AT = 5  # articles in which a line's text is looked for: some may be gone, or changed since


def learn_sites(state: StateStore, store: DocumentStore, *, within_s: float) -> int:
    """Count what is new; return how many profiles were made. What is not done in time is done the next time.

    Killed in between, or done by two at once, the end is the same: a version is made once, whoever makes it.
    """
    give_up_at = time.monotonic() + within_s
    made = 0
    for site in state.sites_to_learn(limit=MAX_SITES):
        made += learn_site(state, store, site)
        if time.monotonic() > give_up_at:
            break
    return made


def learn_site(state: StateStore, store: DocumentStore, site: str) -> bool:
    """Count the latest articles of a site; say whether that made a new version of its profile.

    A version is made when other lines recur than before. A line comes in only with its text, which the articles have
    that show it: the ledger itself keeps no text but of lines that recur.
    """
    latest, newest, before = state.observations(site), state.newest_profile(site), state.learned(site)
    known = newest.lines if newest is not None else frozenset()
    made = version = newest.version if newest is not None else 0
    texts = {line.key: line.text for line in before.lines} if before is not None else {}
    counted = recurring_lines([each.observed for each in latest], known)
    if counted.articles < MIN_ARTICLES:  # a new site, or one of which much was forgotten: what is known holds
        lines = before.lines if before is not None else ()
    else:
        lines = _with_texts(counted.lines, latest, texts, store)
        version += {line.key for line in lines} != known
    found = Learned(site=site, version=version, articles=counted.articles, lines=lines)
    return state.learn(found, latest) and version > made


def _with_texts(
    lines: Sequence[Recurring], latest: Sequence[Observation], texts: Mapping[int, str], store: DocumentStore
) -> tuple[LearnedLine, ...]:
    @cache
    def texts_of(document_id: str) -> Mapping[int | None, str]:
        """Return the lines of a stored article by their keys, also those that were dropped as learned."""
        stored = store.get("articles", document_id)
        if stored is None:
            return {}
        removed = stored.source.get("content", {}).get("removed", ())
        dropped = [each["text"] for each in removed if each["rule"] == RULE]
        return {line_key(line): line for line in (*stored.source.get("body", "").split("\n"), *dropped)}

    found = []
    for line in lines:
        ids = [latest[number].document_id for number in line.articles]
        text = texts.get(line.key) or next(
            (text for each in ids[: -LOOKED_AT - 1 : -1] if (text := texts_of(each).get(line.key))), None
        )
        if text is not None:
            found.append(LearnedLine(key=line.key, text=text, articles=len(ids), first=ids[0], last=ids[-1]))
    return tuple(found)
