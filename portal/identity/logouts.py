"""What a logout token does: it ends sessions, and sign-ins that are still on their way.

Each token is taken once, which its row in a table of all processes sees to. The row also remembers for a while whom
it named: a sign-in whose callback is between the token exchange and its session has no session yet that could end.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.identity import staff_door
from portal.identity.ending import LOGGED_OUT, end_those
from portal.identity.exchange import SignInFailed
from portal.identity.logout_tokens import LogoutToken
from portal.identity.models import LogoutTokenRow, SessionRow
from portal.identity.relying_party import Proven, RelyingParty
from portal.identity.secret_values import kept_as
from portal.identity.tokens import TokenRefused

REMEMBERED: Final = timedelta(hours=1)
"""As long as an unfinished sign-in may take."""
CLOCKS: Final = timedelta(minutes=1)
"""No provider's clock may differ from ours by more (see the settings)."""

_KEY = bindparam("key", type_=BigInteger)
_ALONE = select(func.pg_advisory_xact_lock(_KEY))
_TOGETHER = select(func.pg_advisory_xact_lock_shared(_KEY))


def take(party: RelyingParty, token: LogoutToken) -> int:
    """End what the token names; how many sessions. Raises TokenRefused when it was taken before, or contradicts us.

    What must be undone then is undone by the caller's rollback: a token that failed may come again.
    """
    issuer = party.settings.issuer
    for key in _keys(issuer, token.subject, token.sid):
        session().execute(_ALONE, {"key": key})
    if not _is_first(issuer, token):
        raise TokenRefused("replayed")
    if token.subject is not None and token.sid is not None and _is_anothers(issuer, token.subject, token.sid):
        raise TokenRefused("sid_of_another")
    if party.settings.people == "staff":
        return staff_door.get_door().log_out(party, token)
    ended = end_those(meant_among(SessionRow, issuer, token), why=LOGGED_OUT)
    for each in ended:
        audit.record(
            "identity.logged_out",
            actor=f"provider:{party.name}",
            subject=f"session:{each.session_id}",
            account_id=each.account_id,
        )
    return len(ended)


def refuse_if_overtaken(proven: Proven) -> None:
    """Nobody is let in who has signed out at the provider since their browser was sent there. Raises SignInFailed.

    Until this transaction ends, logout tokens for the same person wait, and then find the session. Signing in anew
    always helps: what is then begun is begun after the logout.
    """
    if proven.begun_at is None:
        return
    for key in _keys(proven.issuer, proven.subject, proven.sid):
        session().execute(_TOGETHER, {"key": key})
    since = and_(LogoutTokenRow.issuer == proven.issuer, LogoutTokenRow.received_at >= proven.begun_at)
    named = select(LogoutTokenRow.jti_hash).where(since, _names(proven)).limit(1)
    if session().scalar(named) is not None:
        raise SignInFailed("logged_out_meanwhile")


def _names(proven: Proven) -> ColumnElement[bool]:
    """The tokens that mean this very session of the provider, or all of this person."""
    row = LogoutTokenRow
    person = row.subject == proven.subject
    if proven.auth_time is not None:  # they may have signed out and in again on the way
        person = and_(person, row.issued_at >= datetime.fromtimestamp(proven.auth_time, UTC))
    if proven.sid is None:
        return person
    its_sid = and_(row.sid == proven.sid, or_(row.subject.is_(None), row.subject == proven.subject))
    return or_(its_sid, and_(person, row.sid.is_(None)))


def _is_first(issuer: str, token: LogoutToken) -> bool:
    now = clock.now()
    taken = session().scalar(
        insert(LogoutTokenRow)
        .values(
            jti_hash=kept_as(f"{issuer}\0{token.jti}"),
            issuer=issuer,
            subject=token.subject,
            sid=token.sid,
            issued_at=datetime.fromtimestamp(token.issued_at, UTC),
            received_at=now,
            forget_at=max(datetime.fromtimestamp(token.good_until, UTC) + CLOCKS, now + REMEMBERED),
        )
        .on_conflict_do_nothing(index_elements=[LogoutTokenRow.jti_hash])
        .returning(LogoutTokenRow.jti_hash)
    )
    return taken is not None


def _is_anothers(issuer: str, subject: str, sid: str) -> bool:
    """Whether we know that session as somebody else's: then the token is not to be trusted in either."""
    others = select(SessionRow.id).where(
        SessionRow.issuer == issuer,
        SessionRow.sid == sid,
        SessionRow.subject != subject,
        SessionRow.ended_at.is_(None),
    )
    return session().scalar(others.limit(1)) is not None


def meant_among(table: type[Any], issuer: str, token: LogoutToken) -> ColumnElement[bool]:  # one of the two tables
    """The one session of that `sid`; without `sid` all of that person.

    With both, a session of that person whose `sid` the provider never told us may be the one meant.
    """
    if token.sid is None:
        return and_(table.issuer == issuer, table.subject == token.subject)
    its_sid = and_(table.issuer == issuer, table.sid == token.sid)
    if token.subject is None:
        return its_sid
    nameless = and_(table.issuer == issuer, table.subject == token.subject, table.sid.is_(None))
    return or_(its_sid, nameless)


def _keys(issuer: str, subject: str | None, sid: str | None) -> list[int]:
    """Locks in the order in which everybody takes them: a logout and a sign-in of one person share at least one."""
    names = [f"{kind}\0{issuer}\0{value}" for kind, value in (("sub", subject), ("sid", sid)) if value is not None]
    return [int.from_bytes(sha256(name.encode()).digest()[:8], signed=True) for name in names]
