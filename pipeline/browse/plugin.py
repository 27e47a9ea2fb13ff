"""Our pages as a plugin of Datasette, and what Datasette's own pages may show beside them."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from datasette import Response, hookimpl
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

from pipeline.browse.guard import App, Guard
from pipeline.browse.names import DATABASE, PAGES
from pipeline.browse.pages import Pages
from pipeline.output import note
from transforms.errors import NewsbeamError
from transforms.index.base import KINDS

PUBLIC_TABLES = tuple(kind.replace("-", "_") for kind in KINDS)


class StoreFile(Database):
    """The store's file for Datasette: opened read-only whatever it asks for, and whatever the path looks like."""

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Return a connection that cannot write, and that sees what a scheduler writes meanwhile."""
        if write:
            raise NewsbeamError("newsbeam browse never writes")
        uri = f"{Path(self.path).absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._all_file_connections.append(db)
        return db


class Plugin:
    """The hooks of Datasette that we answer."""

    __name__ = "newsbeam"  # Datasette asks plugins for it

    def __init__(self, pages: Pages, *, host: str, sql: bool) -> None:
        """Keep the pages, the address they are served at, and whether SQL may be asked."""
        self._pages = pages
        self._host = host
        self._sql = sql

    @hookimpl
    def register_routes(self) -> list[tuple[str, Callable[..., Any]]]:
        """Name our pages; they come before Datasette's own."""
        return self._pages.routes()

    @hookimpl
    def asgi_wrapper(self) -> Callable[[App], App]:
        """Put the guard in front of everything."""
        return lambda app: Guard(app, host=self._host)

    @hookimpl
    def permission_allowed(self, action: str, resource: object) -> bool | None:
        """Show the tables of documents only: the ledger's and the search's are nobody's reading, but for SQL."""
        if action != "view-table" or self._sql or not isinstance(resource, tuple):
            return None
        return resource[0] == DATABASE and resource[1] in PUBLIC_TABLES

    @hookimpl
    def menu_links(self) -> list[dict[str, str]]:
        """Lead back from Datasette's pages to ours."""
        return [{"href": path, "label": label} for path, label in PAGES.items()]

    @hookimpl
    def handle_exception(self, exception: Exception) -> Any:
        """Answer with one line, and say it on stderr where it is our fault; Datasette would print local variables."""
        status = getattr(exception, "status", 500)
        known = isinstance(exception, NewsbeamError) or status < 500
        text = str(exception) if known else f"{type(exception).__name__}: {exception}"
        if not known:
            note(f"newsbeam browse: {text}")
        return Response.text(f"{text}\n", status=status)


def datasette_of(path: Path, pages: Pages, *, host: str, sql: bool, metadata: Mapping[str, Any], data: Path) -> Any:
    """Return Datasette over one store's file with our plugin and no other. One per process: its plugins are global."""
    for plugin, _ in pm.list_plugin_distinfo():
        pm.unregister(plugin)  # what else is installed knows nothing of "read only"
    pm.unregister(name="datasette.handle_exception")
    pm.register(Plugin(pages, host=host, sql=sql), name="newsbeam")
    datasette = Datasette(
        metadata={**metadata, "databases": {DATABASE: metadata["database"]}},
        template_dir=str(data / "templates"),
        static_mounts=[("style", str(data / "static"))],
        settings={
            "default_allow_sql": sql,
            "allow_download": False,
            "allow_csv_stream": False,
            "suggest_facets": False,  # it would count every column of every table, most of them inside of JSON
            "default_page_size": 50,
            "sql_time_limit_ms": 10_000,  # of Datasette's own pages, by the clock
            "default_cache_ttl": 0,  # a scheduler writes
        },
    )
    datasette.remove_database("_memory")
    datasette.add_database(StoreFile(datasette, str(path)), name=DATABASE)
    pages.serve_with(datasette)
    return datasette
