"""Acts on many cases as the job worker does them, one case after another; and what lies about afterwards."""

import logging
import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.db.session import session
from portal.desk.bulk_acts import Chosen, do
from portal.desk.list_models import BulkActRow, BulkItemRow
from portal.errors import Conflict, Forbidden, NotFound, Refused, TooMany
from portal.jobs.queue import job
from portal.staff.rights import grants_of
from portal.staff.sessions import find_members
from portal.web.languages import gettext as _
from portal.web.languages import using

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=28)
LEFT_AFTER: Final = timedelta(hours=1)
"""How long after it was made an act that still runs is taken up again."""
UNSEEN: Final = {"synchronize_session": False}

_NEXT = (
    select(BulkItemRow)
    .join(BulkActRow, BulkActRow.id == BulkItemRow.bulk_id)
    .where(BulkItemRow.bulk_id == bindparam("bulk"), BulkItemRow.outcome == "waiting", BulkActRow.state == "running")
    .order_by(BulkItemRow.position)
    .limit(1)
    .with_for_update(of=BulkItemRow, skip_locked=True)
)
_STILL = exists().where(BulkItemRow.bulk_id == bindparam("bulk"), BulkItemRow.outcome == "waiting")
_END = update(BulkActRow).where(BulkActRow.id == bindparam("bulk"), BulkActRow.state == "running", ~_STILL)
_LEFT_RUNNING = (
    select(BulkActRow.id)
    .where(BulkActRow.state == "running", BulkActRow.made_at < bindparam("before"))
    .order_by(BulkActRow.made_at)
    .limit(100)
)
_CASE = select(*CASE_COLUMNS).where(CaseRow.id == bindparam("case"))


@job("desk.bulk")
def work_off(bulk_id: str) -> None:
    """Do the act with one case after another until none waits, each committed by itself."""
    wanted = uuid.UUID(bulk_id)
    row = session().get(BulkActRow, wanted)
    if row is None:
        return
    chosen, staff_id = Chosen(row.act, row.values, f"bulk-{row.id}"), row.staff_id
    session().commit()
    while _one(wanted, chosen, staff_id):
        session().commit()
    session().execute(_END.values(state="done", ended_at=clock.now()), {"bulk": wanted}, execution_options=UNSEEN)


@job("desk.resume_bulk", cron="*/15 * * * *")
def resume() -> None:
    """Have those taken up again that still run long after they began: their job was given up.

    One whose job is at work all the same loses nothing: each case is done once, whoever comes to it first.
    """
    for bulk_id in session().scalars(_LEFT_RUNNING, {"before": clock.now() - LEFT_AFTER}):
        work_off.defer(bulk_id=str(bulk_id))


@job("desk.sweep_bulk", cron="47 3 * * *")
def sweep() -> None:
    """Forget what was done with many cases some weeks ago: the ledger keeps each act anyway."""
    session().execute(delete(BulkActRow).where(BulkActRow.made_at < clock.now() - KEPT), execution_options=UNSEEN)


def _one(bulk_id: uuid.UUID, chosen: Chosen, staff_id: uuid.UUID) -> bool:
    """Do one case that waits; False when there is none."""
    item = session().execute(_NEXT, {"bulk": bulk_id}).scalar_one_or_none()
    if item is None:
        return False
    position, case_id, version = item.position, item.case_id, item.version
    staff = find_members({staff_id})[staff_id]
    with using(staff.language):
        try:
            with session().begin_nested():
                case = case_from(session().execute(_CASE, {"case": case_id}).one())
                do(chosen, case, version, staff, grants_of(staff))
            outcome, sentence = "done", ""
        except (NotFound, Forbidden, Refused, Conflict, TooMany, ValueError) as error:
            said = getattr(error, "sentence", "")
            outcome, sentence = "refused", said or _("You may not do this with this case.")
        except (OperationalError, MemoryError):  # not this case's fault: the job is done again
            raise
        except Exception as error:  # noqa: BLE001  # a fault of any service must not keep the other cases waiting
            reference = uuid.uuid4().hex[:8]
            log.error(
                "a case of a bulk act could not be done: %s, bulk %s, case %s, reference %s",
                type(error).__name__,
                bulk_id,
                case_id,
                reference,
            )
            broken = _(
                "This did not work because of a fault of ours. Quote %(reference)s to who looks after the portal."
            )
            outcome, sentence = "refused", broken % {"reference": reference}
    session().execute(
        update(BulkItemRow)
        .where(BulkItemRow.bulk_id == bulk_id, BulkItemRow.position == position)
        .values(outcome=outcome, sentence=sentence),
        execution_options=UNSEEN,
    )
    return True
