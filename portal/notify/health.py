"""Do messages leave? For `moothall check`: a wrong key or template is found before the first resident waits."""

import contextlib
import smtplib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from notifications_python_client.errors import APIError
from sqlalchemy import func, select

from portal import clock
from portal.db.session import release, session
from portal.notify import smtp
from portal.notify.govuk import look
from portal.notify.models import OutboundMessage
from portal.notify.outcomes import Undelivered
from portal.notify.ways import find_way
from portal.settings.portal import Settings

TOO_LONG: Final = timedelta(hours=1)
_SOME = (
    select(OutboundMessage.created_at)
    .where(OutboundMessage.state == "waiting")
    .order_by(OutboundMessage.created_at, OutboundMessage.id)
    .limit(1000)
    .subquery()
)
_MANY = select(func.count(), func.min(_SOME.c.created_at)).select_from(_SOME)
_STUCK = (
    select(OutboundMessage.tried_at, OutboundMessage.error_code)
    .where(OutboundMessage.state == "waiting", OutboundMessage.line_down)
    .order_by(OutboundMessage.tried_at.desc(), OutboundMessage.id)
    .limit(1)
)
_SENT = (
    select(OutboundMessage.sent_at)
    .where(OutboundMessage.state == "sent")
    .order_by(OutboundMessage.created_at.desc(), OutboundMessage.id.desc())
    .limit(1)
)
_OLDEST = select(func.min(OutboundMessage.created_at)).where(OutboundMessage.state == "waiting")


@dataclass(frozen=True, slots=True)
class Leaving:
    """How messages leave: how many wait (up to 1,000), since when, and what was wrong the last time."""

    waiting: int
    oldest_at: datetime | None
    last_good_at: datetime | None
    line_down: bool
    tried_at: datetime | None
    error_code: str


def leaving() -> Leaving:
    """For the desk: from our own notes, without asking anybody."""
    many, oldest = session().execute(_MANY).one()
    stuck = session().execute(_STUCK).one_or_none()
    good = session().scalar(_SENT)
    tried_at, code = (stuck.tried_at, stuck.error_code or "") if stuck is not None else (None, "")
    return Leaving(many, oldest, good, stuck is not None, tried_at, code)


def faults(settings: Settings) -> Iterator[str]:
    """A sentence for each thing that is wrong with how messages leave us."""
    oldest = session().scalar(_OLDEST)
    release()
    if oldest is not None and clock.now() - oldest > TOO_LONG:
        yield f"Messages have waited since {oldest:%d %B %Y, %H:%M} UTC."
    if find_way(settings, "email") == "smtp":
        yield from _faults_of_smtp(settings)
    if settings.notify.api_key is not None:
        yield from _faults_of_notify(settings)


def _faults_of_smtp(settings: Settings) -> Iterator[str]:
    try:
        server = smtp.connect(settings.mail)
    except Undelivered as problem:
        yield f"The mail server {settings.mail.host} cannot be used: {problem.code}."
        return
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()


def _faults_of_notify(settings: Settings) -> Iterator[str]:
    notify = settings.notify
    wanted: tuple[tuple[str, uuid.UUID | None, frozenset[str]], ...] = (
        ("email", notify.email_template_id, frozenset({"subject", "message"})),
        ("sms", notify.sms_template_id, frozenset({"message"})),
        ("letter", notify.letter_template_id, frozenset({"subject", "message"})),
    )
    for kind, template_id, places in wanted:
        if template_id is not None and (fault := _fault_of_template(settings, kind, template_id, places)):
            yield fault


def _fault_of_template(settings: Settings, kind: str, template_id: uuid.UUID, places: frozenset[str]) -> str:
    try:
        found: Any = look(settings, f"/v2/template/{template_id}")
        there, really = set(found["personalisation"] or {}), found["type"]
    except APIError as error:
        if error.response is not None and error.status_code in (401, 403):
            return "GOV.UK Notify refuses our API key, or our clock is wrong."
        if error.response is not None and error.status_code == 404:
            return f"GOV.UK Notify has no template {template_id} ({kind})."
        return "GOV.UK Notify does not answer."
    except (TypeError, KeyError):
        return "GOV.UK Notify does not answer as it should."
    if really != kind or there != places:
        needed = " and ".join(f"(({name}))" for name in sorted(places, reverse=True))
        return f"The template {template_id} must be for {kind}, with {needed} and nothing else to fill in."
    return ""
