"""What a page's site says of its rights: robots.txt, and /.well-known/tdmrep.json where the user wants it asked for.

Beam-free. The file costs a turn of the site, at most one a day for each origin, whatever it answers.
"""

from datetime import timedelta

from transforms.elements import Rights
from transforms.errors import StageError
from transforms.turns import Turns, instant
from transforms.web import urls
from transforms.web.robots import RobotsRules
from transforms.web.tdm import MAX_TDM_BYTES, TdmRule, read_tdmrep, tdm_rule

FRESH_S = 86_400.0
PATH = "/.well-known/tdmrep.json"


def site_rights(turns: Turns, url: str, rules: RobotsRules) -> Rights:
    """Return what the site of a page that robots.txt allows says of it. Raises `VisitOverError`."""
    said = Rights(licenses=rules.licenses, signals=rules.content_signals)
    if turns.settings.tdm == "record":
        return said
    rule = tdm_rule(_tdm_rules(turns, url, rules), url)
    if rule is None:
        return said
    return Rights(licenses=said.licenses, signals=said.signals, tdm_reserved=rule.reserved, tdm_policy=rule.policy)


def _tdm_rules(turns: Turns, url: str, rules: RobotsRules) -> tuple[TdmRule, ...]:
    """Return the file's rules: of this visit, of the ledger while they are of today, else asked for now."""
    address = f"{urls.origin(url)}{PATH}"
    if address not in turns.tdm_rules:
        now = instant(turns.clock())
        kept = turns.state.robots(address)
        if kept is not None and timedelta(0) <= now - kept[2] < timedelta(seconds=FRESH_S):
            body = kept[0] or b""
        else:
            status, body = _ask(turns, address) if rules.allowed(address) else (404, b"")
            turns.state.save_robots(address, body, status, now)
        turns.tdm_rules[address] = read_tdmrep(body, address)
    return turns.tdm_rules[address]


def _ask(turns: Turns, address: str) -> tuple[int | None, bytes]:
    """Return status (None: no answer) and body; whatever is no file says nothing, and neither does a redirect."""
    _, given_at = turns.take()
    try:
        response = turns.send(address, given_at, max_bytes=MAX_TDM_BYTES, truncate=True, why="rights")
    except StageError:  # the page itself is asked for next, and its failure is told
        return None, b""
    if response.status_code in (429, 503):
        turns.pause_site(response, 1)
    return response.status_code, response.body if response.status_code == 200 else b""
