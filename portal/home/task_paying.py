"""Payments that a case asks for, paid through the portal's own basket: the payable of the portal itself.

A case knows nothing of payments, nor payments of cases: here, above both, the one is told of the other.
"""

import uuid
from typing import Final

from portal.accounts.values import Account
from portal.cases.talk_values import Task
from portal.cases.task_queries import find_task, get_task
from portal.cases.tasks import complete_task
from portal.errors import Conflict, NotFound, Refused
from portal.payments.baskets import put_in_basket
from portal.payments.values import Due, Paid, Payable
from portal.web.languages import gettext as _
from portal.web.languages import lazy_gettext

SERVICE: Final = "portal"
TITLE: Final = lazy_gettext("Payments that we asked you for")
CODE: Final = "task"
"""The payable: its key is the task's id."""
ACTOR: Final = "system:payments"


def is_paid_here(task: Task) -> bool:
    """Whether the basket takes this payment, not a page elsewhere."""
    return task.kind == "payment" and not task.pay_url and task.amount is not None


def put_task_in_basket(account: Account, task: Task) -> None:
    """Have the resident's own task paid. Raises NotFound, Refused."""
    put_in_basket(account, service=SERVICE, code=CODE, key=str(task.id))


def price(account: Account, key: str) -> Due:
    """What the resident's own open task asks for. Raises NotFound, Refused once it is done or no longer asked for."""
    task = get_task(account.id, _task_id(key))
    if not is_paid_here(task) or task.amount is None:
        raise NotFound
    if not task.is_open:
        raise Refused(_("This is no longer to be paid."))
    return Due(
        amount=task.amount,
        description=_("Payment for case %(reference)s", reference=task.reference),
        url=f"/tasks/{task.id}",
    )


def note_paid(paid: Paid) -> bool:
    """The task is done. False where it was done in another way meanwhile, or is no longer asked for."""
    try:
        task = find_task(_task_id(paid.key))
        return task is not None and task.is_open and _completed(task)
    except (NotFound, Conflict):
        return False


def _completed(task: Task) -> bool:
    return complete_task(ACTOR, task.id, channel="system").ended_by == ACTOR


def _task_id(key: str) -> uuid.UUID:
    try:
        return uuid.UUID(key)
    except ValueError:
        raise NotFound from None


PAYABLE: Final = Payable(
    code=CODE,
    title=lazy_gettext("Payment for a case"),
    account="cases.tasks",
    price=price,
    on_paid=note_paid,
    settled=lazy_gettext("We have marked it as done. You need not tell us."),
    if_refunded=lazy_gettext("What the resident was asked for stays marked as done."),
)
