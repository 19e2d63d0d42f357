"""Asking the provider every so often whether a sign-in still counts, by a refresh token, where the settings say so.

A request of the resident asks, when it is time. One asks for each session over all processes: it first moves the
row's time on, and whoever comes meanwhile goes on with the session as it is. Nobody holds a connection of the database
while the provider thinks, and one that does not answer is left alone for a minute, whoever's turn it is. A process that
dies on the way has moved the time on by two minutes only.
"""

import json
import logging
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, case, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from portal import clock
from portal.audit import operations as audit
from portal.db.session import beside, release, session
from portal.errors import NotFound
from portal.identity import provider_trouble, tokens
from portal.identity.ending import NOT_RENEWED, end_those
from portal.identity.exchange import Refreshed, SignInFailed
from portal.identity.metadata import ProviderDown
from portal.identity.models import SessionRow
from portal.identity.refreshed_tokens import SignedIn, validate_refreshed
from portal.identity.relying_party import Proven, RelyingParty, get_party
from portal.identity.revocation import revoke
from portal.identity.sealed import seal, unseal
from portal.identity.sessions import Session

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=2)
"""Longer than the token request and the documents that judge its answer can take together."""
BACK_OFF: Final = timedelta(minutes=1)
LONGEST_BACK_OFF: Final = timedelta(minutes=30)


def taking(rows: type[Any]) -> ReturningUpdate[str | None, str | None, int]:  # staff have a table of their own, above
    """The statement by which one of many takes the refresh of a session: it moves the time on, and gets the tokens."""
    return (
        update(rows)
        .where(
            rows.id == bindparam("session_id"),
            rows.ended_at.is_(None),
            rows.refresh_due_at <= bindparam("now"),
        )
        .values(refresh_due_at=bindparam("until"))
        .returning(rows.id_token, rows.refresh_token, rows.refresh_failures)
    )


_TAKE = taking(SessionRow)
_STORE = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session_id"), SessionRow.refresh_due_at == bindparam("until"))
    .values(
        refresh_due_at=bindparam("due_at"),
        refresh_failures=bindparam("failures"),
        refresh_token=func.coalesce(bindparam("new_refresh_token"), SessionRow.refresh_token),
        # A session that has ended meanwhile has no use for an ID token any more.
        id_token=case((SessionRow.ended_at.is_(None), func.coalesce(bindparam("new_id_token"), SessionRow.id_token))),
    )
    .returning(SessionRow.ended_at)
)


_OPEN = select(SessionRow.id).where(SessionRow.id == bindparam("session_id"), SessionRow.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class Flight:
    """One refresh under way. Whoever finds another time in the row than `until` is not the one who flies any more."""

    live: Session
    party: RelyingParty
    until: datetime
    failures: int
    refresh_token: str = field(repr=False)
    id_token: str | None = field(repr=False)


class Over(Exception):
    """The provider no longer stands by the sign-in. `code` says how we know, for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def first(proven: Proven, now: datetime) -> dict[str, object]:
    """What a new session keeps for its refreshes, by column."""
    if proven.refresh_token is None:
        return {}
    minutes = get_party(proven.provider).settings.refresh_minutes
    if not minutes:
        return {}
    return {"refresh_token": seal(proven.refresh_token), "refresh_due_at": now + timedelta(minutes=minutes)}


def is_due(live: Session) -> bool:
    """Whether it is time to ask. Costs nothing: the session's one query has brought the time along."""
    return live.refresh_due_at is not None and live.refresh_due_at <= clock.now()


def still_counts(live: Session) -> bool:
    """Ask the provider, unless somebody is asking. False when the session is over, and ended."""
    until = clock.now() + LEASE
    try:
        flight = _take_off(live, until)
        if flight is None:
            return True
        if provider_trouble.is_lately(flight.party.settings.issuer):
            return not _store(flight, None, due_at=clock.now() + BACK_OFF, failures=flight.failures)
        release()
        return _land(flight, *_ask(flight))
    except Over as over:
        return _end(live, until, over.code)


def _take_off(live: Session, until: datetime) -> Flight | None:
    """The flight, when nobody else has taken it. Raises Over when nothing is left to ask with."""
    with beside() as connection:
        values = {"session_id": live.id, "now": clock.now(), "until": until}
        row = connection.execute(_TAKE, values).one_or_none()
    if row is None:
        return None
    return _boarded(live, until, row)


def _boarded(live: Session, until: datetime, row: Row[str | None, str | None, int]) -> Flight:
    refresh_token = unseal(row.refresh_token)
    if refresh_token is None:
        raise Over("refresh_token_lost")
    try:
        party = get_party(live.provider)
    except NotFound:
        raise Over("provider_gone") from None
    return Flight(live, party, until, row.refresh_failures, refresh_token, unseal(row.id_token))


def _ask(flight: Flight) -> tuple[Refreshed | None, str | None]:
    """What the provider gave, and a code when it is not to be had or judged for now. Raises Over."""
    given = None
    try:
        given = flight.party.exchange.refresh(flight.party.metadata(), flight.refresh_token)
        if given.id_token:
            _judge(flight, given)
    except SignInFailed as failure:
        if failure.code == "token_invalid_grant":
            raise Over("refresh_invalid_grant") from None
        provider_trouble.note(flight.party.settings.issuer, failure.code)
        return None, failure.code
    except ProviderDown as error:
        return given, error.code  # the answer may be good, and the token that it replaces is gone
    except tokens.TokenRefused as error:
        if error.code == "unknown_key":
            return given, error.code  # its keys are newer than those that we could have just now
        _store(flight, given, due_at=flight.until, failures=flight.failures)  # so that this token is the one revoked
        raise Over(f"refresh_id_token_{error.code}") from None
    return given, None


def _judge(flight: Flight, given: Refreshed) -> None:
    signed_in = SignedIn(
        subject=flight.live.subject,
        authenticated_at=(flight.live.authenticated_at or flight.live.created_at).timestamp(),
        nonce=_nonce(flight.id_token),
    )
    token, expected = given.id_token or "", flight.party.expected(access_token=given.access_token)
    claims = flight.party.with_keys(lambda keys: validate_refreshed(token, keys, expected, signed_in))
    tokens.check_required(claims, flight.party.settings.required_claims)


def _nonce(id_token: str | None) -> str | None:
    """The nonce of an ID token that was judged when it came."""
    if id_token is None:
        return None
    body = id_token.split(".")[1]
    nonce = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))).get("nonce")
    return nonce if isinstance(nonce, str) else None


def _land(flight: Flight, given: Refreshed | None, failure: str | None) -> bool:
    now = clock.now()
    if failure is None:
        minutes = flight.party.settings.refresh_minutes
        ended = _store(flight, given, due_at=now + timedelta(minutes=minutes) if minutes else None, failures=0)
    else:
        log.warning("Not refreshed: %s, provider %s, session %s", failure, flight.party.name, flight.live.id)
        wait = min(BACK_OFF * 2 ** min(flight.failures, 10), LONGEST_BACK_OFF)
        kept = None if given is None else Refreshed(given.access_token, None, given.refresh_token)
        ended = _store(flight, kept, due_at=now + wait, failures=min(flight.failures + 1, 1000))
    if not ended:
        return True
    revoke.defer(session_id=str(flight.live.id))  # what was revoked when it ended may have been the token before
    session().commit()
    return False


def _store(flight: Flight, given: Refreshed | None, *, due_at: datetime | None, failures: int) -> bool:
    """Write down what came of it; whether the session has ended meanwhile."""
    values = {
        "session_id": flight.live.id,
        "until": flight.until,
        "due_at": due_at,
        "failures": failures,
        "new_refresh_token": seal(given.refresh_token) if given and given.refresh_token else None,
        "new_id_token": seal(given.id_token) if given and given.id_token else None,
    }
    with beside() as connection:
        row = connection.execute(_STORE, values).one_or_none()
    return row is not None and row.ended_at is not None


def _end(live: Session, until: datetime, code: str) -> bool:
    """End the session, if the flight is still ours; whether it goes on.

    It does when somebody else has taken the flight over. It does not when it has ended meanwhile in another way, which
    may be the very reason for the refusal.
    """
    log.warning("Session ended at its refresh: %s, provider %s, session %s", code, live.provider, live.id)
    mine = and_(SessionRow.id == live.id, SessionRow.refresh_due_at == until)
    ended = end_those(mine, why=NOT_RENEWED, revoked=code == "refresh_invalid_grant")
    for each in ended:
        audit.record(
            "identity.not_renewed",
            actor=f"provider:{live.provider}",
            subject=f"session:{each.session_id}",
            account_id=each.account_id,
            code=code,
        )
    still_open = session().scalar(_OPEN, {"session_id": live.id}) is not None
    session().commit()
    return still_open
