"""Who hears that a record was joined, so that a stranger's doing is noticed. No letter names the record."""

from typing import Final

from portal import clock
from portal.accounts.queries import get_account
from portal.accounts.values import Account
from portal.errors import NotFound
from portal.joining.kinds import Declared, find_kind
from portal.joining.records import holders_of
from portal.joining.values import JoinedRecord
from portal.notices.telling import tell
from portal.web.languages import using

RECORDS_PAGE: Final = "/join"


def tell_of_joining(account: Account, declared: Declared, joined: JoinedRecord) -> None:
    """Tell whose account it is; and who else has joined the same record, unless its address is protected."""
    _tell(account, declared, "joining/mail/joined.txt", f"joined:{joined.id}")
    if joined.protected:
        return
    for other in holders_of(declared.service, joined.kind, joined.key):
        if other.account_id != account.id and not other.protected:
            _tell_id(other, declared, "joining/mail/joined_by_another.txt", f"joined:{joined.id}")


def tell_holder(declared: Declared, key: str, person_key: str) -> None:
    """Somebody has proven to another account that they are the person for whom it is joined: tell who has it.

    Once a day is enough, however often it is tried.
    """
    for holder in holders_of(declared.service, declared.kind.code, key):
        if holder.person_key == person_key:
            _tell_id(holder, declared, "joining/mail/wanted_elsewhere.txt", f"wanted:{holder.id}:{clock.today()}")


def tell_of_leaving(account: Account, left: JoinedRecord) -> None:
    """Staff have taken a record out of somebody's account."""
    declared = find_kind(left.service, left.kind)
    if declared is not None:
        _tell(account, declared, "joining/mail/left.txt", f"left:{left.id}")


def _tell_id(holder: JoinedRecord, declared: Declared, template: str, key: str) -> None:
    try:
        account = get_account(holder.account_id)
    except NotFound:
        return
    _tell(account, declared, template, key)


def _tell(account: Account, declared: Declared, template: str, key: str) -> None:
    with using(account.language):
        title = str(declared.kind.title)
    tell(account.id, topic=declared.service, template=template, key=key, path=RECORDS_PAGE, record=title)
