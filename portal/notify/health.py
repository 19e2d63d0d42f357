"""Do messages leave? For `moothall check`: a wrong key or template is found before the first resident waits."""

import contextlib
import smtplib
import uuid
from collections.abc import Iterator
from datetime import timedelta
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
_OLDEST = select(func.min(OutboundMessage.created_at)).where(OutboundMessage.state == "waiting")


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
