"""A local news web for tests and the demo: publishers, feeds, articles and every odd answer a server can give.

    with NewsWeb(log_path=log) as web:
        ...fetch web.feed_urls through web.resolve, judge read_log(log)...

Standard library only.
"""

from .article_files import WebArticle, read_articles
from .behaviours import CRASH_URL, ODD_PATHS
from .hostile import HOSTILE_PATHS
from .request_log import Request, read_log
from .server import NewsWeb

__all__ = ["CRASH_URL", "HOSTILE_PATHS", "ODD_PATHS", "NewsWeb", "Request", "WebArticle", "read_articles", "read_log"]
