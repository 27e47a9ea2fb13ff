"""What the dead leave in the ledger in Elasticsearch: sites to free, and the pages they had in hand to blame (8).

A neighbour's death is seen by its lock, and its pages in hand stand in its file: no request per page. Of another
machine's process only the silence of its lease is seen. Its file is out of reach, so a site whose lease ended in
silence makes the next visit careful: each of that visit's pages is noted in the ledger before it is worked on, and
whoever takes over from that one can blame the page by name. A page that kills whole machines is given up after one
death more, innocent pages are never blamed, and only careful visits pay (two requests per page).
"""

import threading
import uuid
from collections.abc import Sequence

import orjson

from transforms.state.elasticsearch.changes import Change, Row, Source, packed, unpacked
from transforms.state.elasticsearch.client import LedgerClient
from transforms.state.elasticsearch.look import Rules
from transforms.state.elasticsearch.owners import Neighbours
from transforms.state.elasticsearch.rows import blame_url, key
from transforms.state.elasticsearch.sites import change_row, freed

_careful: set[tuple[str, str]] = set()  # (owner, URL): pages of this process that have to be noted in the ledger
_noted: dict[tuple[str, int], str] = {}  # (owner, thread) -> the page noted there now
_guard = threading.Lock()


def be_careful(owner: str, urls: Sequence[str]) -> None:
    """Have these pages noted in the ledger when this process works on them: another part of it will (`note`)."""
    with _guard:
        _careful.update((owner, url) for url in urls)


def note(client: LedgerClient, owner: str, url: str | None) -> None:
    """Note the page that this thread works on, or that it is done, where a visit has to be careful."""
    thread = threading.get_ident()
    with _guard:
        before = _noted.get((owner, thread))
        if url is None or (owner, url) not in _careful:
            if before is None:
                return
            del _noted[owner, thread]
            _careful.discard((owner, before))
        else:
            _noted[owner, thread] = url
        urls = sorted(noted for (name, _), noted in _noted.items() if name == owner)
        # Inside the guard: an older list must not be written over a newer one.
        client.write([Change("meta", f"hand-{owner}", {"value": packed(orjson.dumps(urls))}, how="put")])


class Undertaker:
    """Frees what the dead held and blames what they had in hand; several may bury the same one at once."""

    def __init__(self, client: LedgerClient, neighbours: Neighbours) -> None:
        self._client, self._neighbours = client, neighbours

    def bury_neighbours(self, rules: Rules, now: float) -> None:
        """Bury the processes of this machine that died."""
        for name in self._neighbours.dead():
            self._free_sites(name, rules, now)
            # Once: whoever makes this document blames. Only without its file can nobody bury it again.
            buried = Change("meta", f"buried-{name}", {"value": packed(uuid.uuid4().hex)})
            [first] = self._client.write([buried])
            if first is not None:
                self._blame(self._neighbours.urls_in_hand(name), now)
            self._neighbours.forget(name)
            self._delete(f"hand-{name}", f"buried-{name}")

    def blame_silent(self, name: str, now: float) -> None:
        """Blame what another machine's process had noted, once: whoever deletes its note."""
        row = self._client.get("meta", f"hand-{name}")
        if row is not None and self._client.write([Change("meta", row.id, None, over=row)])[0] is not None:
            self._blame(orjson.loads(unpacked(row.source["value"]) or b"[]"), now)

    def holds_dead(self, run_id: str) -> bool:
        """Say whether a dead process of this machine holds sites for a run."""
        dead = self._neighbours.dead()
        if not dead:
            return False
        self._client.refresh("sites")
        query = {"bool": {"filter": [{"terms": {"owner": list(dead)}}, {"term": {"run": run_id}}]}}
        [answer] = self._client.search(("sites", {"size": 1, "_source": False, "query": query}))
        return bool(answer["hits"]["hits"])

    def _free_sites(self, name: str, rules: Rules, now: float) -> None:
        self._client.refresh("sites")  # what it took in its last second, too

        def free(site: Source | None) -> Source | None:
            if site is None or site["owner"] != name:
                return None
            return freed(site, now + rules.pause_s(site))

        for hit in list(self._client.scan("sites", {"term": {"owner": name}}, source=False)):
            change_row(self._client, "sites", hit["_id"], free)

    def _blame(self, urls: Sequence[str], now: float) -> None:
        for url in urls:
            change_row(self._client, "urls", key(url), lambda row: None if row is None else blame_url(row, now=now))

    def _delete(self, *ids: str) -> None:
        rows: list[Row | None] = self._client.get_many([("meta", name) for name in ids])
        gone = [Change("meta", row.id, None, over=row) for row in rows if row is not None]
        if gone:
            self._client.write(gone)
