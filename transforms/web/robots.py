"""What a robots.txt allows us, by RFC 9309."""

from transforms.errors import ConfigurationError

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309 2.5: the least that a crawler must read; what follows is ignored


class RobotsRules:
    """The rules of one origin for one product token. Made by `read_robots`."""

    def __init__(self, *, text: str = "", agent: str = "*", reachable: bool = True) -> None:
        from protego import Protego  # imported late: only a visit needs it

        self.reachable = reachable
        self._agent = agent
        self._parsed = Protego.parse(text)
        self._has_rules = bool(text)

    def allowed(self, url: str) -> bool:
        """Tell whether the URL may be fetched; nothing may while the robots.txt cannot be had."""
        return self.reachable and bool(self._parsed.can_fetch(url, self._agent))

    def rule(self, url: str) -> str | None:
        """Return what decided about the URL: allow or disallow, None when there are no rules at all.

        protego does not say which line won, so this is the verdict and not the line.
        """
        if not self.reachable:
            return "robots.txt unreachable"
        if not self._has_rules:
            return None
        return "allow" if self.allowed(url) else "disallow"

    @property
    def crawl_delay_s(self) -> float | None:
        """The pause that the site asks for between requests, None when it does not say."""
        delay_s = self._parsed.crawl_delay(self._agent)
        return float(delay_s) if delay_s is not None else None


def read_robots(status: int | None, body: bytes | None, agent: str) -> RobotsRules:
    """Return the rules that an answer to a request for /robots.txt means for the product token `agent`.

    2xx: what it says, of the first 500 KiB; 4xx: everything is allowed; 5xx, 429, other answers and None (unreachable):
    nothing is allowed for now (RFC 9309 2.3.1, which counts 429 among the 4xx; but "slow down" is no permission).
    `agent` is the bare token, `newsbeam`, not the User-Agent header.
    """
    if not agent or not agent.replace("-", "").replace("_", "").isalpha():
        raise ConfigurationError(f"robots product token {agent!r} is not a token of letters, - and _ (RFC 9309 2.2.1)")
    if status is not None and 400 <= status < 500 and status != 429:
        return RobotsRules(agent=agent)
    if status is None or not 200 <= status < 300:
        return RobotsRules(agent=agent, reachable=False)
    text = (body or b"")[:MAX_ROBOTS_BYTES].decode("utf-8-sig", errors="replace")
    return RobotsRules(text=text, agent=agent)
