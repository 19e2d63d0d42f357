"""One letter a day to those who chose so, with everything that they were told since the last."""

import uuid
from typing import Final

from sqlalchemy import bindparam, select, update

from portal import clock
from portal.db.session import session
from portal.jobs.queue import job
from portal.notices.choices import reach_of
from portal.notices.models import NoticeRow
from portal.notify import operations as notify

AT_ONCE: Final = 200
LETTER: Final = "notices/mail/digest.txt"
TEXT: Final = "notices/sms/digest.txt"
"""In the letter's place where no e-mail arrives any more."""
LISTED: Final = 50

_WAITING = (NoticeRow.channel == "digest") & NoticeRow.digested_at.is_(None)
_NEXT = (
    select(NoticeRow.account_id)
    .where(_WAITING, NoticeRow.account_id > bindparam("after"))
    .distinct()
    .order_by(NoticeRow.account_id)
    .limit(AT_ONCE)
)
# One statement takes them: of two workers at once the second finds nothing left to tell.
_TAKE = (
    update(NoticeRow)
    .where(_WAITING, NoticeRow.account_id == bindparam("account"))
    .values(digested_at=bindparam("now"))
    .returning(NoticeRow.subject, NoticeRow.told_at)
)


@job("notices.digest", cron="30 6 * * *")
def digest() -> None:
    """Each morning: begin with the first resident who has something waiting."""
    portion.defer(after=str(uuid.UUID(int=0)))


@job("notices.digest_portion")
def portion(after: str) -> None:
    """Write to the next residents, and ask for those who come after them: each portion is a transaction of its own."""
    accounts = session().scalars(_NEXT, {"after": uuid.UUID(after)}).all()
    for account_id in accounts:
        _write(account_id)
    if len(accounts) == AT_ONCE:
        portion.defer(after=str(accounts[-1]))


def _write(account_id: uuid.UUID) -> None:
    rows = session().execute(_TAKE, {"account": account_id, "now": clock.now()}).all()
    reach = reach_of(account_id, "")
    if not rows or reach is None or (reach.email is None and reach.mobile is None):
        return  # it is in the inbox all the same
    if reach.email is None:
        assert reach.mobile is not None  # see above
        notify.send_text(reach.mobile, TEXT, reach.language, account_id, count=len(rows))
        return
    subjects = [row.subject for row in sorted(rows, key=lambda row: row.told_at)]
    notify.send(
        reach.email,
        LETTER,
        reach.language,
        account_id,
        subjects=subjects[:LISTED],
        more=max(0, len(subjects) - LISTED),
    )
