"""Open a case."""

import uuid
from collections.abc import Mapping
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as insert_if_absent

from portal import clock
from portal.accounts.values import Account
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.references import new_reference
from portal.cases.values import Case, CaseType, Channel
from portal.cases.writing import write_opened
from portal.db.session import session
from portal.errors import Conflict
from portal.web.languages import gettext as _

LONGEST_KEY: Final = 80
LONGEST_SUMMARY: Final = 120
LONGEST_AREA: Final = 40
_TRIES = 5

# Both unique constraints end here: the key that came before, and the reference that was given before.
_OPEN = (
    insert_if_absent(CaseRow)
    .values(search=func.to_tsvector("simple", bindparam("found_by")))
    .on_conflict_do_nothing()
    .returning(*CASE_COLUMNS)
)
_BY_KEY = select(*CASE_COLUMNS).where(
    CaseRow.account_id == bindparam("account"), CaseRow.idempotency_key == bindparam("key")
)


def open_case(
    account: Account,
    *,
    case_type: CaseType,
    key: str,
    summary: str = "",
    area: str = "",
    facts: Mapping[str, str] | None = None,
    channel: Channel = "web",
) -> Case:
    """The resident's new case of that type, in its first status, with the team that routing gives it.

    The same `key` again, even at the same time, gives the case that is there already and adds nothing: use the
    draft's id. `summary` is a short phrase or code of the service's own, never what the resident typed. `area` is the
    ward or the like that it is about; `facts` are further codes that routing rules may ask for, and are not kept.
    Raises Conflict when the key opened a case of another type.
    """
    if not key or len(key) > LONGEST_KEY or len(summary) > LONGEST_SUMMARY or len(area) > LONGEST_AREA:
        raise ValueError("a case needs a key of at most 80 characters, a summary of at most 120, an area of at most 40")
    actor = f"account:{account.id}"
    now = clock.now()
    for _attempt in range(_TRIES):
        reference = new_reference()
        found = session().execute(
            _OPEN,
            {
                "id": uuid.uuid4(),
                "service": case_type.service,
                "type": case_type.slug,
                "reference": reference,
                "account_id": account.id,
                "idempotency_key": key,
                "status": case_type.first.code,
                "summary": summary,
                "opened_at": now,
                "updated_at": now,
                "closed_at": None if case_type.first.open else now,
                "version": 1,
                "channel": channel,
                "area": area,
                "team": case_type.team,
                "waits_for": case_type.first.turn,
                "reopened": 0,
                "rating_words": "",
                "opened_by": actor,
                "identity_check": "",
                "found_by": reference,
            },
        )
        opened = found.one_or_none()
        if opened is not None:
            case = case_from(opened)
            write_opened(case, actor=actor, details={})
            return case
        before = session().execute(_BY_KEY, {"account": account.id, "key": key}).one_or_none()
        if before is not None:
            return _same_type(case_from(before), case_type)
    raise Conflict(_("We could not give this a reference. Send it again."))


def _same_type(case: Case, case_type: CaseType) -> Case:
    if (case.service, case.type) != (case_type.service, case_type.slug):
        raise Conflict(_("This was already sent as something else."))
    return case
