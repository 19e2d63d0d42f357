"""Make an account at the first sign-in, and find it at every later one."""

import uuid
from collections.abc import Mapping

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.accounts import claims as worth
from portal.accounts import queries
from portal.accounts.models import AccountRow, IdentityRow, ProfileRow, VerifiedClaimRow
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Conflict
from portal.web.languages import current_language
from portal.web.languages import gettext as _

IDENTITY = select(IdentityRow.id, IdentityRow.account_id).where(
    IdentityRow.issuer == bindparam("issuer"), IdentityRow.subject == bindparam("subject")
)
LOCK = select(AccountRow.id).where(AccountRow.id == bindparam("account_id")).with_for_update(key_share=True)


def lock(account_id: uuid.UUID) -> None:
    """Until the end of the transaction nobody else changes who may come in to this account, or who is in.

    Taken before any other row, by all who do. Those that only refer to the account, as every new row does, wait not.
    """
    session().execute(LOCK, {"account_id": account_id})


def lock_owner(*, issuer: str, subject: str) -> uuid.UUID | None:
    """The account that this identity opens, locked as by `lock`; None when it opens none.

    Raises Conflict when somebody has taken the identity off the account while we waited for the lock.
    """
    key = {"issuer": issuer, "subject": subject}
    known = session().execute(IDENTITY, key).one_or_none()
    if known is None:
        return None
    account_id: uuid.UUID = known.account_id
    lock(account_id)
    now = session().execute(IDENTITY, key).one_or_none()
    if now is None or now.account_id != account_id:
        raise Conflict(_("This way of signing in has just been removed."))
    return account_id


def account_for_identity(*, issuer: str, subject: str, claims: Mapping[str, object], level: str = "low") -> Account:
    """The account that this identity opens; a first sign-in makes it.

    `claims` are those of the validated ID token and userinfo. `level` is what we hold this sign-in to be worth
    (`low`, `medium`, `high`). Two first sign-ins of one subject at the same moment end in one account.
    Raises NotFound when the account is closed.
    """
    known = session().execute(IDENTITY, {"issuer": issuer, "subject": subject}).one_or_none()
    if known is None:
        account_id = _make_account(issuer, subject, claims, level)
    else:
        account_id = known.account_id
        session().execute(update(IdentityRow).where(IdentityRow.id == known.id).values(last_used_at=clock.now()))
    confirmed = worth.verified(claims, level)
    keep_verified(account_id, issuer, confirmed, level)
    if known is not None and level in worth.CHECKED_LEVELS:
        _fill_blanks(account_id, confirmed)
    return queries.get_account(account_id)


def _fill_blanks(account_id: uuid.UUID, confirmed: Mapping[str, str]) -> None:
    """Whoever has just proven who they are is not asked for their name again. What they told us stays as it is."""
    for name in ("given_name", "family_name"):
        if name in confirmed:
            blank = (ProfileRow.account_id == account_id) & (ProfileRow.__table__.c[name] == "")
            session().execute(update(ProfileRow).where(blank).values({name: confirmed[name]}))
    born = worth.birthdate(confirmed)
    if born is not None:
        blank = (ProfileRow.account_id == account_id) & ProfileRow.date_of_birth.is_(None)
        session().execute(update(ProfileRow).where(blank).values(date_of_birth=born))


def _make_account(issuer: str, subject: str, claims: Mapping[str, object], level: str) -> uuid.UUID:
    """A new account, or the one that another sign-in of the same subject made meanwhile."""
    account_id, now = uuid.uuid4(), clock.now()
    attempt = session().begin_nested()
    session().execute(
        insert(AccountRow).values(id=account_id, language=worth.language(claims, current_language()), created_at=now)
    )
    # Waits for a rival transaction; when that one commits, nothing is inserted here.
    made = session().scalar(
        upsert(IdentityRow)
        .values(
            id=uuid.uuid4(),
            account_id=account_id,
            issuer=issuer,
            subject=subject,
            linked_at=now,
            last_used_at=now,
        )
        .on_conflict_do_nothing(index_elements=["issuer", "subject"])
        .returning(IdentityRow.id)
    )
    if made is None:
        attempt.rollback()
        rival: uuid.UUID = session().execute(IDENTITY, {"issuer": issuer, "subject": subject}).one().account_id
        lock(rival)
        return rival
    attempt.commit()
    confirmed = worth.verified(claims, level)
    email = confirmed.get("email")
    session().execute(
        insert(ProfileRow).values(
            account_id=account_id,
            given_name=worth.text_claim(claims, "given_name"),
            family_name=worth.text_claim(claims, "family_name"),
            preferred_name="",
            date_of_birth=worth.birthdate(claims),
            email=email,
            email_confirmed_at=now if email else None,
            contact_needs="",
        )
    )
    audit.record("account.opened", actor=f"account:{account_id}", account_id=account_id)
    return account_id


def keep_verified(account_id: uuid.UUID, issuer: str, confirmed: Mapping[str, str], level: str) -> None:
    """Write down what the provider vouches for now. What it said earlier and leaves out today stays."""
    if not confirmed:
        return
    now = clock.now()
    rows = [
        {
            "account_id": account_id,
            "issuer": issuer,
            "name": name,
            "value": value,
            "level": level,
            "verified_at": now,
        }
        for name, value in sorted(confirmed.items())  # in one order, so that two sign-ins cannot deadlock
    ]
    statement = upsert(VerifiedClaimRow).values(rows)
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "issuer", "name"],
            set_={
                "value": statement.excluded.value,
                "level": statement.excluded.level,
                "verified_at": statement.excluded.verified_at,
            },
        )
    )
