"""Forget a person in every room and every service; and the callers who never came for what staff kept for them."""

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, exists, select

from portal import clock
from portal.accounts import erasure
from portal.accounts.models import AccountRow
from portal.accounts.queries import get_account
from portal.audit.operations import record
from portal.backoffices import forgetting as backoffices
from portal.cases import forgetting as cases
from portal.cases.models import CaseRow
from portal.db.session import session
from portal.files import operations as files
from portal.home import feeds
from portal.identity import operations as identity
from portal.jobs.queue import job
from portal.joining import forgetting as joining
from portal.linkouts import operations as link_outs
from portal.notices import forgetting as notices
from portal.notify import operations as notify
from portal.payments import forgetting as payments
from portal.registry.mount import mounted
from portal.staff import looks

log = logging.getLogger(__name__)

FORGETTING: Final[tuple[Callable[[uuid.UUID], object], ...]] = (
    identity.forget,
    backoffices.forget,  # before the cases that its deliveries name
    cases.forget,
    joining.forget,
    payments.forget,
    feeds.forget,
    link_outs.forget,
    notices.forget,
    files.forget,
    notify.forget,
    looks.forget,
    erasure.forget,
)
"""In the order in which an account lets them."""
UNCLAIMED_FOR: Final = timedelta(days=180)
"""How long an account that staff opened for a caller is kept when no case of it is open and nobody claims it. A code is
good for a month, so there has been time to ring again five times over."""
ACTOR: Final = "system:home"

_NEXT = (
    select(AccountRow.id)
    .where(
        AccountRow.unclaimed_since < bindparam("before"),
        AccountRow.closed_at.is_(None),
        AccountRow.id > bindparam("after"),
        ~exists().where(CaseRow.account_id == AccountRow.id, CaseRow.closed_at.is_(None)),
    )
    .order_by(AccountRow.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def forget_person(account_id: uuid.UUID) -> None:
    """Forget them wherever something is kept; the services first, while there is still an account to ask by.

    Raises NotFound when the account is closed.
    """
    account = get_account(account_id)
    for each in mounted():
        each.service.forget(account)
    for forget in FORGETTING:
        forget(account_id)


@job("home.forget_callers", cron="11 4 * * *")
def forget_callers() -> None:
    """Forget callers who never claimed what was kept for them, each committed by itself; a fault stops no other."""
    before, after = clock.now() - UNCLAIMED_FOR, uuid.UUID(int=0)
    while (found := session().scalar(_NEXT, {"before": before, "after": after})) is not None:
        try:
            with session().begin_nested():
                forget_person(found)
                record("account.unclaimed_forgotten", actor=ACTOR, account_id=found)
        except Exception as error:  # noqa: BLE001  # a fault of any service must not keep all others
            log.error("the unclaimed account %s could not be forgotten: %s", found, type(error).__name__)
        session().commit()
        after = found
