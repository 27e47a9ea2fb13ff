"""Pages that want a browser instead of giving what was asked for. They are recognised, never solved."""

import re
from collections.abc import Mapping

# The marks that the services document, or that their answers always carry: Cloudflare, AWS WAF, DataDome, Imperva.
_HEADERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cf-mitigated", re.compile(r"challenge", re.I)),
    ("x-amzn-waf-action", re.compile(r"challenge|captcha", re.I)),
    ("x-dd-b", re.compile(r".")),
)
# Titles of the page itself, where it comes as 200. Whole titles: an article may well be about one of these.
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,200}?)\s*</title>", re.I)
_TITLES = frozenset({
    b"just a moment...", b"attention required! | cloudflare", b"ddos-guard", b"pardon our interruption",
    b"please wait... | cloudflare", b"are you a robot?", b"human verification", b"access to this page has been denied",
    b"vercel security checkpoint", b"making sure you're not a bot!", b"client challenge",
})  # fmt: skip
_HEAD_BYTES = 4096
_MAX_PAGE_BYTES = 64 * 1024  # an article is longer, or at least its page is


def is_challenge(headers: Mapping[str, str], body: bytes = b"") -> bool:
    """Tell whether an answer asks us to prove that we are no robot. `headers` has lower-case names.

    >>> is_challenge({"cf-mitigated": "challenge"}), is_challenge({}, b"<title>Just a moment...</title>")
    (True, True)
    """
    if any(name in headers and mark.search(headers[name]) for name, mark in _HEADERS):
        return True
    if not body or len(body) > _MAX_PAGE_BYTES:
        return False
    title = _TITLE.search(body[:_HEAD_BYTES])
    return title is not None and title[1].lower() in _TITLES
