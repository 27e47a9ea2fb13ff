"""Polling the feeds of a leased site: entries become pending rows, and then the validators are kept. Beam-free."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from transforms.elements import DeadLetter, FeedEntry
from transforms.errors import ConfigurationError, Reason, StageError, StoreError
from transforms.feeds import moves, policy, polling, read_feed, trust
from transforms.feeds.base import FeedDocument
from transforms.feeds.memory import FeedMemory, dump_memory, load_memory
from transforms.feeds.network import UNREACHED, Network
from transforms.feeds.policy import PollPlan, PollSeen
from transforms.poll_answers import Answer, seen_by_poll, wanted
from transforms.poll_parts import PartsRead, read_on, read_parts
from transforms.state.base import DueFeed, FeedPoll, NewUrl
from transforms.turns import Turns, VisitOverError, instant, redirect_target
from transforms.web import politeness, urls
from transforms.web.challenges import is_challenge
from transforms.web.client import HttpResponse

MAX_PUT_OFF = 3  # answers "too many requests" in a row before a poll counts as failed
NETWORK = Network()  # one per process: all its visits use the same network


def poll_feed(turns: Turns, feed: DueFeed, *, network: Network = NETWORK) -> None:
    """Poll one feed and record what it gave, in one transaction (rule 5). Raises `VisitOverError` to end the visit."""
    turns.limit.saw_one()
    _Poll(turns, feed, network).run()


class _Poll:
    """One poll of one feed."""

    def __init__(self, turns: Turns, feed: DueFeed, network: Network) -> None:
        self._turns, self._feed, self._network = turns, feed, network
        self._memory = load_memory(feed.memory)
        self._began_at = instant(turns.clock())
        self._start = moves.start_of(self._memory.moves, feed.source.url)
        self._stored = polling.Validators(
            etag=feed.etag, last_modified=feed.last_modified, url=feed.validators_url, body_sha256=feed.body_sha256
        )

    def run(self) -> None:
        try:
            if self._memory.behind:
                self._read_on()
                return
            answer = self._ask()
            if answer is not None:
                self._record(answer)
        except StageError as err:
            self._unanswered(err)
        except (VisitOverError, StoreError, ConfigurationError):
            raise
        except Exception as err:  # the stage border: see try_each
            self._turns.limit.fault(err)
            self._failed("internal_error", f"{type(err).__name__}: {err}"[:500], self._began_at)

    # --- asking

    def _ask(self) -> Answer | None:
        """Ask for the feed, following redirects within the site; one to another site moves the poll there (None)."""
        feed, turns = self._feed, self._turns
        url, seen = feed.poll_url, self._memory.moves
        if feed.hops == 0:
            url, seen = self._start, replace(seen, permanent=None)
        conditional = trust.may_be_conditional(self._memory.trust, now=self._began_at.timestamp())
        for hop in range(turns.settings.max_redirects + 1):
            if urls.site_key(url) != turns.lease.site:
                if feed.hops >= turns.settings.max_redirects:
                    break
                self._move(url, seen)
                return None
            self._check_robots(url)
            headers = polling.conditional_headers(self._stored, url) if conditional else {}
            _, given_at = turns.take(begun=hop > 0)
            response = turns.send(
                url,
                given_at,
                headers=headers,
                max_bytes=turns.settings.fetch.max_feed_bytes,
                subject=feed.source.id,
                full_bytes=self._memory.full_bytes,
            )
            self._network.answered()
            target = redirect_target(response)
            if target is None:
                return Answer(response, headers, instant(given_at), seen)
            url, seen = target, moves.hop(seen, response.status_code)
        message = f"{feed.source.url}: more than {turns.settings.max_redirects} redirects"
        raise StageError("too_many_redirects", message)

    def _move(self, url: str, seen: moves.Moves) -> None:
        """Hand the poll on to another site's lease, where it falls due at once."""
        at = instant(self._turns.clock())
        memory = replace(self._memory, moves=seen)
        poll = FeedPoll(
            feed=self._feed.source.id,
            polled_at=at,
            next_poll_at=at,
            move_to=(url, urls.site_key(url)),
            memory=dump_memory(memory),
        )
        self._polled(poll)

    def _check_robots(self, url: str) -> None:
        rules = self._turns.robots(url)
        if not rules.reachable:
            message = (
                f"{urls.origin(url)}/robots.txt: the server failed; nothing is fetched until it answers (RFC 9309)"
            )
            raise StageError("robots_unreachable", message, retryable=True)
        if not rules.allowed(url):
            raise StageError("robots_disallow", f"{url}: robots.txt keeps us out", retryable=True)

    # --- recording

    def _record(self, answer: Answer) -> None:
        response, sent, polled_at, _ = answer
        meaning = polling.read_poll(
            response.status_code, response.fields, response.body, url=response.url, sent=sent, stored=self._stored
        )
        if is_challenge(response.fields, response.body):
            message = f"{response.url}: asks for a browser instead of giving the feed"
            self._failed("challenge", message, polled_at, response=response)
            return
        if meaning.error is not None:
            if response.status_code in (429, 503):
                self._busy(response, meaning, polled_at)
            self._failed(meaning.error, meaning.message or "", polled_at, response=response)
            return
        document: FeedDocument | None = None
        if response.status_code == 200:
            self._memory = replace(self._memory, full_bytes=response.wire_bytes)
        # An unchanged body is read again: that its entries are rows already is what the ledger says, not what we
        # assume.
        if response.status_code == 200:
            try:
                document = read_feed(
                    response.body,
                    url=response.url,
                    content_type=response.fields.get("content-type"),
                    timezone=self._feed.source.timezone,
                )
            except StageError as err:
                self._failed(err.reason, err.message, polled_at, response=response)
                return
        validators = meaning.validators
        if document is not None and document.truncated:
            # The rest would never come: "not modified" is what the server says of the whole document.
            validators = replace(validators, etag=None, last_modified=None)
        entries: tuple[FeedEntry, ...] = ()
        if document is not None:
            entries = document.entries
            self._memory = replace(self._memory, overflow=document.overflow)
        parts = self._read_parts(document)
        if parts is not None:
            entries = parts.entries
            self._memory = replace(self._memory, parts=parts.parts, behind=parts.behind)
        seen = seen_by_poll(
            answer, meaning, document, parts, stored=self._stored, start=self._start, memory=self._memory
        )
        seen = replace(seen, has_validators=bool(validators.etag or validators.last_modified))
        plan = self._plan(seen, moves_seen=answer.moves)
        poll = FeedPoll(
            feed=self._feed.source.id,
            polled_at=polled_at,
            next_poll_at=min(plan.next_poll_at, self._next_turn_at()) if plan.memory.behind else plan.next_poll_at,
            status_code=response.status_code,
            final_url=validators.url,
            etag=validators.etag,
            last_modified=validators.last_modified,
            body_sha256=validators.body_sha256,
            entries=len(entries),
            memory=dump_memory(plan.memory),
        )
        max_age_s = self._turns.settings.max_age_s
        work = wanted(self._feed, entries, polled_at, max_age_s=max_age_s, is_list=parts is not None)
        self._polled(poll, work)

    def _polled(self, poll: FeedPoll, work: Sequence[NewUrl] = ()) -> None:
        self._turns.state.polled(self._turns.lease.run_id, replace(poll, configured=self._feed.source.url), tuple(work))

    def _next_turn_at(self) -> datetime:
        return instant(max(self._turns.next_at, self._turns.clock()))

    def _read_on(self) -> None:
        """Record what was read of the parts that an earlier visit had no time for; then what was planned holds."""
        source = self._feed.source
        entries, memory = read_on(self._turns, self._memory, subject=source.id, timezone=source.timezone)
        at = self._next_turn_at()
        if not memory.behind and memory.planned_at is not None:
            at = max(at, instant(memory.planned_at))
        poll = FeedPoll(
            feed=source.id, polled_at=self._began_at, next_poll_at=at, status_code=200, put_off=True, blameless=True,
            memory=dump_memory(memory),
        )  # fmt: skip
        max_age_s = self._turns.settings.max_age_s
        work = wanted(self._feed, entries, self._began_at, max_age_s=max_age_s, is_list=True, reads_on=True)
        self._polled(poll, work)

    def _read_parts(self, document: FeedDocument | None) -> PartsRead | None:
        """Read the parts of a list of documents, which may have changed though the list has not; None without any."""
        known = self._memory.parts
        wanted_parts = document.parts if document is not None else [part.url for part in known]
        if not wanted_parts:
            return None
        source = self._feed.source
        return read_parts(self._turns, wanted_parts, known, subject=source.id, timezone=source.timezone)

    def _plan(self, seen: PollSeen, *, moves_seen: moves.Moves | None = None) -> PollPlan:
        source = self._feed.source
        memory: FeedMemory = self._memory if moves_seen is None else replace(self._memory, moves=moves_seen)
        return policy.after_poll(
            memory,
            seen,
            feed=source.id,
            configured=source.url,
            every_s=source.every_s,
            limits=self._turns.settings.poll_limits,
        )

    def _busy(self, response: HttpResponse, meaning: polling.PollAnswer, polled_at: datetime) -> None:
        """Leave the site alone for a while: the poll is put off a few times before it counts as failed."""
        until = self._turns.pause_site(response, self._feed.failures + 1)
        reason = meaning.error or "http_429"
        if self._feed.failures + 1 < MAX_PUT_OFF:
            plan = self._plan(PollSeen(outcome="busy", at=polled_at, reason=reason, site_free_at=until))
            poll = FeedPoll(
                feed=self._feed.source.id,
                polled_at=polled_at,
                next_poll_at=plan.next_poll_at,
                status_code=response.status_code,
                error=reason,
                message=meaning.message,
                put_off=True,
                memory=dump_memory(plan.memory),
            )
            self._polled(poll)
        else:
            self._failed(reason, meaning.message or "", polled_at, response=response)
        raise VisitOverError(f"{response.status_code} from {response.url}")

    # --- failing

    def _unanswered(self, err: StageError) -> None:
        """Record that no answer came; when no site answers at all, that is our own network, and nobody's failure."""
        turns, ours = self._turns, False
        if err.reason in UNREACHED:
            ours = self._network.failed(turns.lease.site, now=turns.clock())
        if err.reason in ("connection_failed", "dns_failed", "tls_failed"):
            turns.pause_site(None, 1 if ours else self._feed.failures + 1, ours=ours)
        self._failed(err.reason, err.message, self._began_at, ours=ours)

    def _failed(
        self,
        reason: Reason,
        message: str,
        polled_at: datetime,
        *,
        response: HttpResponse | None = None,
        ours: bool = False,
    ) -> None:
        """Record a failed poll in the feed's health and as a dead letter; validators and entries stay as they were."""
        turns, feed = self._turns, self._feed
        seen = PollSeen(outcome="outage" if ours else "failed", at=polled_at, reason=reason)
        if response is not None:
            seen = replace(
                seen,
                fresh_s=politeness.freshness_s(response.fields, now=polled_at),
                retry_after_s=politeness.retry_after_s(response.fields, now=polled_at),
            )
        plan = self._plan(seen)
        poll = FeedPoll(
            feed=feed.source.id,
            polled_at=polled_at,
            next_poll_at=plan.next_poll_at,
            status_code=response.status_code if response is not None else None,
            error=reason,
            message=message,
            memory=dump_memory(plan.memory),
            blameless=ours,
        )
        self._polled(poll)
        turns.emit(
            DeadLetter(
                stage="visit",
                reason=reason,
                message=message,
                occurred_at=polled_at,
                site=turns.lease.site,
                feed=feed.source.id,
                retryable=True,
                attempts=feed.failures + 1,
                version=turns.version(polled_at.timestamp()),
            )
        )
