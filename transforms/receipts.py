"""What remains of a request: a receipt that says why it was made, how politely, and what it cost. Beam-free."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from transforms.elements import Receipt, Why
from transforms.errors import StageError
from transforms.web.client import HttpResponse
from transforms.web.politeness import retry_after_s


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request as it left. `waited_s`: how long its turn was waited for."""

    url: str
    why: Why
    subject: str | None
    sent_at: datetime
    headers: Mapping[str, str]
    waited_s: float
    pause_s: float
    robots_rule: str | None
    full_bytes: int | None


def receipt_of(sent: Sent, answer: HttpResponse | StageError, *, site: str, epoch: int, elapsed_s: float) -> Receipt:
    """Return the receipt of a request and its answer, or of the failure that came instead."""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    receipt = Receipt(
        url=sent.url,
        site=site,
        epoch=epoch,
        why=sent.why,
        subject=sent.subject,
        sent_at=sent.sent_at,
        if_none_match=headers.get("if-none-match"),
        if_modified_since=headers.get("if-modified-since"),
        elapsed_ms=elapsed_s * 1000,
        waited_s=sent.waited_s,
        pause_s=sent.pause_s,
        robots_rule=sent.robots_rule,
    )
    if isinstance(answer, StageError):
        return replace(receipt, failure=answer.reason)
    spared = answer.status_code == 304 and sent.full_bytes is not None
    return replace(
        receipt,
        status_code=answer.status_code,
        wire_bytes=answer.wire_bytes,
        body_bytes=len(answer.body),
        saved_bytes=max(0, (sent.full_bytes or 0) - answer.wire_bytes) if spared else None,
        retry_after_s=retry_after_s(answer.fields, now=sent.sent_at),
    )
