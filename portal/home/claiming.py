"""All that staff kept for a caller becomes the resident's own, in one transaction, with the account that held it."""

import uuid
from typing import Final

from sqlalchemy import select, update

from portal.accounts import erasure
from portal.accounts.claim_codes import close_claimed, keep_used, take_code
from portal.accounts.values import Account
from portal.backoffices import forgetting as backoffices
from portal.cases.claiming import claim_cases, lock_all
from portal.db.session import session
from portal.files.models import StoredFileRow
from portal.notices.models import NoticeRow
from portal.notify.models import OutboundMessage
from portal.payments import forgetting as payments
from portal.registry.mount import mounted
from portal.staff.models import StaffLookRow

HANDED_OVER: Final = (StoredFileRow, OutboundMessage, StaffLookRow)
"""What hangs on the account and on no case. What is left behind is empty, or of an account that is now closed."""
UNSEEN: Final = {"synchronize_session": False}


def claim(account: Account, code: str) -> int:
    """Take over what the code opens; how many cases there were. Raises as `take_code` does."""
    source = take_code(account, code)
    lock_all(source)
    close_claimed(source)
    cases = lock_all(source)  # with any that was opened until the account was closed
    for table in HANDED_OVER:
        theirs = update(table).where(table.account_id == source).values(account_id=account.id)
        session().execute(theirs, execution_options=UNSEEN)
    backoffices.hand_over(source, account.id)
    payments.hand_over(source, account.id)
    _hand_over_notices(source, account.id)
    for each in mounted():
        each.service.claim(source, account)
    claim_cases(cases, source, target=account.id)
    keep_used(source, account)
    erasure.forget(source)  # what staff wrote down of the caller: the resident's own profile counts
    return len(cases)


def _hand_over_notices(source: uuid.UUID, target: uuid.UUID) -> None:
    """But for what the resident has been told already."""
    told = select(NoticeRow.key).where(NoticeRow.account_id == target)
    theirs = update(NoticeRow).where(NoticeRow.account_id == source, NoticeRow.key.not_in(told))
    session().execute(theirs.values(account_id=target), execution_options=UNSEEN)
