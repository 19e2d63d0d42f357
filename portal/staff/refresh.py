"""Asking the staff provider every so often whether a sign-in still counts, and which groups somebody is in now.

As with residents (`portal.identity.refresh`): one request asks for each session over all processes, having moved the
row's time on first, and nobody holds a connection of the database while the provider thinks. While the provider does
not answer, the session goes on with the groups that were told last: its limits are short.
"""

import json
import logging
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, update

from portal import clock
from portal.db.session import beside, release, session
from portal.errors import NotFound
from portal.identity import tokens
from portal.identity.exchange import Refreshed, SignInFailed
from portal.identity.metadata import ProviderDown
from portal.identity.refresh import BACK_OFF, LEASE, LONGEST_BACK_OFF, Over, taking
from portal.identity.refreshed_tokens import SignedIn, validate_refreshed
from portal.identity.relying_party import RelyingParty, get_party
from portal.identity.sealed import seal, unseal
from portal.staff import operations
from portal.staff.claims import groups_in
from portal.staff.models import StaffMemberRow, StaffSessionRow
from portal.staff.sessions import with_groups
from portal.staff.values import StaffSession

log = logging.getLogger(__name__)

DOUBTS: Final = frozenset({"unknown_key"})
"""Its keys are newer than those that we could have just now: that says nothing of the person."""

_TAKE = taking(StaffSessionRow)
_STORE = (
    update(StaffSessionRow)
    .where(StaffSessionRow.id == bindparam("session_id"), StaffSessionRow.refresh_due_at == bindparam("until"))
    .values(
        refresh_due_at=bindparam("due_at"),
        refresh_failures=bindparam("failures"),
        refresh_token=func.coalesce(bindparam("new_refresh_token"), StaffSessionRow.refresh_token),
        id_token=func.coalesce(bindparam("new_id_token"), StaffSessionRow.id_token),
    )
)
_GROUPS = update(StaffMemberRow).where(StaffMemberRow.id == bindparam("staff_id")).values(groups=bindparam("now_in"))


def is_due(live: StaffSession) -> bool:
    """Whether it is time to ask. Costs nothing."""
    return live.refresh_due_at is not None and live.refresh_due_at <= clock.now()


def renewed(live: StaffSession) -> StaffSession | None:
    """The session with the groups of now; as it was when somebody else is asking, or nobody answers. None: it is over,
    and ended."""
    until = clock.now() + LEASE
    with beside() as connection:
        row = connection.execute(_TAKE, {"session_id": live.id, "now": clock.now(), "until": until}).one_or_none()
    if row is None:
        return live
    release()
    try:
        return _asked(live, until, row)
    except Over as over:
        log.warning("Staff session ended at its refresh: %s, session %s", over.code, live.id)
        operations.end_those(StaffSessionRow.id == live.id, why="not_renewed", revoked=over.code == "invalid_grant")
        session().commit()
        return None


def _asked(live: StaffSession, until: datetime, row: Any) -> StaffSession:  # the row of `_TAKE`
    refresh_token = unseal(row.refresh_token)
    if refresh_token is None:
        raise Over("refresh_token_lost")
    try:
        party = get_party(live.provider)
    except NotFound:
        raise Over("provider_gone") from None
    given: Refreshed | None = None
    try:
        given = party.exchange.refresh(party.metadata(), refresh_token)
        told = _told(party, live, given, unseal(row.id_token))
    except SignInFailed as failure:
        if failure.code == "token_invalid_grant":
            raise Over("invalid_grant") from None
        return _later(live, until, row.refresh_failures, given, failure.code)
    except ProviderDown as error:
        return _later(live, until, row.refresh_failures, given, error.code)
    except tokens.TokenRefused as error:
        if error.code in DOUBTS:
            return _later(live, until, row.refresh_failures, given, error.code)
        raise Over(f"token_{error.code}") from None
    _store(live, until, given, due_at=clock.now() + timedelta(minutes=party.settings.refresh_minutes), failures=0)
    return _with(live, told, party.settings.groups_claim)


def _told(party: RelyingParty, live: StaffSession, given: Refreshed, id_token: str | None) -> dict[str, object]:
    """What the provider says of them now, in a new ID token and at userinfo."""
    claims: dict[str, object] = dict(party.userinfo_of(given.access_token, live.subject))
    if given.id_token:
        signed_in = SignedIn(
            subject=live.subject,
            authenticated_at=(live.authenticated_at or live.created_at).timestamp(),
            nonce=_nonce(id_token),
        )
        token, expected = given.id_token, party.expected(access_token=given.access_token)
        said = party.with_keys(lambda keys: validate_refreshed(token, keys, expected, signed_in))
        tokens.check_required(said, party.settings.required_claims)
        claims |= dict(said)
    return claims


def _with(live: StaffSession, told: dict[str, object], groups_claim: str) -> StaffSession:
    """The groups of now. A provider that has spoken and names none has none for them: nothing is kept by silence."""
    if not told:
        return live
    groups = groups_in(told, groups_claim)
    if groups == live.staff.groups:
        return live
    with beside() as connection:
        connection.execute(_GROUPS, {"staff_id": live.staff.id, "now_in": list(groups)})
    return with_groups(live, groups)


def _later(live: StaffSession, until: datetime, failures: int, given: Refreshed | None, code: str) -> StaffSession:
    log.warning("Staff session not refreshed: %s, provider %s, session %s", code, live.provider, live.id)
    wait = min(BACK_OFF * 2 ** min(failures, 10), LONGEST_BACK_OFF)
    kept = None if given is None else Refreshed(given.access_token, None, given.refresh_token)
    _store(live, until, kept, due_at=clock.now() + wait, failures=min(failures + 1, 1000))
    return live


def _store(live: StaffSession, until: datetime, given: Refreshed | None, *, due_at: datetime, failures: int) -> None:
    values = {
        "session_id": live.id,
        "until": until,
        "due_at": due_at,
        "failures": failures,
        "new_refresh_token": seal(given.refresh_token) if given and given.refresh_token else None,
        "new_id_token": seal(given.id_token) if given and given.id_token else None,
    }
    with beside() as connection:
        connection.execute(_STORE, values)


def _nonce(id_token: str | None) -> str | None:
    """The nonce of an ID token that was judged when it came."""
    if id_token is None:
        return None
    body = id_token.split(".")[1]
    nonce = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))).get("nonce")
    return nonce if isinstance(nonce, str) else None
