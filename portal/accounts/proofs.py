"""How somebody whose identity waits proves that an account is theirs: by signing in to it, or by its own mailbox.

What the page says is the same for every account. Which ways an account has is told to its own mailbox alone.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import update

from portal import clock
from portal.accounts import identities, waiting
from portal.accounts.models import WaitingCandidateRow, WaitingIdentityRow
from portal.accounts.queries import get_account
from portal.accounts.values import Account
from portal.accounts.waiting import Candidate, Waiting
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.notify import operations as notify
from portal.web import limits
from portal.web.languages import gettext as _

MAILS_FOR_AN_ACCOUNT: Final = 5
WITHIN_SECONDS: Final = 86_400


def send_mail(
    held: Waiting,
    *,
    usable: Collection[str],
    title: Callable[[str, str], str],
    link: Callable[[str], str],
) -> None:
    """Write to the confirmed address of each account that it may be, if it has one.

    Where the mailbox is proof enough, with a link; elsewhere with the ways of signing in that lead there. `title` gives
    an issuer's name in a language, `link` the URL of a token. What waits is given another hour. Raises TooMany.
    """
    for candidate in held.candidates:
        # Before the look for an address: who presses the button learns nothing from when it stops working.
        limits.hit(f"proof-mail:{candidate.account_id}", limit=MAILS_FOR_AN_ACCOUNT, seconds=WITHIN_SECONDS)
        address = identities.find_address(candidate.account_id)
        if address is None:
            continue
        account = get_account(candidate.account_id)
        provider = title(held.issuer, account.language)
        if candidate.by_mail:
            _send_link(held, account, address, provider, link)
        else:
            ways = [way.issuer for way in identities.ways_of(account.id) if way.issuer in usable]
            names = list(dict.fromkeys(title(issuer, account.language) for issuer in ways))
            template = "accounts/mail/how_to_prove.txt"
            notify.send(address, template, account.language, account.id, provider=provider, ways=names)
        audit.record("identity.proof_mailed", actor="system:accounts", account_id=account.id, by_mail=candidate.by_mail)
    session().execute(
        update(WaitingIdentityRow)
        .where(WaitingIdentityRow.id == held.id)
        .values(expires_at=clock.now() + waiting.LASTS)
    )


def find_mailed(held: Waiting, token: str) -> Candidate | None:
    """The account whose mailbox this token was sent to."""
    known_as = _hash(token)
    return next((each for each in held.candidates if each.token_hash == known_as), None)


def settle_by_mail(held: Waiting, token: str, *, title: Callable[[str, str], str]) -> Account:
    """The mailbox is proven: link what waits to its account. Raises Refused when the link does not work, Conflict."""
    candidate = find_mailed(held, token)
    if candidate is None or not candidate.by_mail:
        raise Refused(_("This link no longer works."))
    return _settle(held, candidate.account_id, title, "mail")


def settle_by_sign_in(held: Waiting, account_id: uuid.UUID, *, title: Callable[[str, str], str]) -> Account:
    """They have signed in to the account: link what waits to it. Raises NotFound when it is none of those, Conflict."""
    if held.find_candidate(account_id) is None:
        raise NotFound
    return _settle(held, account_id, title, "old_way")


def _settle(held: Waiting, account_id: uuid.UUID, title: Callable[[str, str], str], proven_by: str) -> Account:
    account = get_account(account_id)
    identities.link(
        account,
        issuer=held.issuer,
        subject=held.subject,
        title=title(held.issuer, account.language),
        proven_by=proven_by,
    )
    waiting.drop(held)
    return account


def _send_link(held: Waiting, account: Account, address: str, provider: str, link: Callable[[str], str]) -> None:
    token = secrets.token_urlsafe(32)
    session().execute(
        update(WaitingCandidateRow)
        .where(WaitingCandidateRow.waiting_id == held.id, WaitingCandidateRow.account_id == account.id)
        .values(token_hash=_hash(token))
    )
    notify.send(
        address,
        "accounts/mail/prove_by_link.txt",
        account.language,
        account.id,
        provider=provider,
        name=account.display_name if len(held.candidates) > 1 else "",  # one mailbox, several people
        link=link(token),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
