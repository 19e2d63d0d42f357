"""Every query of the ledger is answered from an index, in order, however much there is."""

import uuid
from typing import Any

from sqlalchemy import Executable, Select, text

from portal import clock
from portal.accounts.values import Account
from portal.cases import drafts, holding, merging, opening, queries, retention, service_levels, writing
from portal.cases.models import CaseEventRow, CaseRow
from portal.db.session import session

MANY = 3000
CASES = (
    "insert into portal.case (id, service, type, reference, account_id, idempotency_key, status, summary, opened_at,"
    " updated_at, version, channel, area, team, waits_for, reopened, rating_words, opened_by, identity_check,"
    " due_at, escalated_at, closed_at, held_at, held_until_at)"
    " select gen_random_uuid(), 'reporting', '{type}', '{letter}' || n, {account}, 'k' || n, 'received', '',"
    " :now - n * interval '1 minute', :now, 1, 'web', '', '', 'council', 0, '', '', '',"
    " :now + (n % 2 * 2 - 1) * n * interval '1 minute', case when n % 2 = 0 and n % 97 > 0 then :now end,"
    " case when n % 3 = 0 then :now - n * interval '1 minute' end,"
    " case when n % 50 = 1 then :now end, case when n % 50 = 1 then :now + n * interval '1 hour' end"
    " from generate_series(1, {many}) n"
)
FILL = (
    CASES.format(type="report", letter="R", account=":account", many=":many / 5"),
    # Others write too, and of other things: with one person's alone, or with one type, the order of all would serve
    # as well as their own.
    CASES.format(
        type="other", letter="B", account="case when n % 3 > 0 then cast(:other as uuid) end", many="3 * :many"
    ),
    "insert into portal.case_event (case_id, version, account_id, at, kind, status, actor, channel, reason, visible,"
    " details) select id, 1, account_id, opened_at, 'opened', status, 'system:test', 'web', '', true, '{}'"
    " from portal.case where account_id = :account",
    "insert into portal.draft select gen_random_uuid(), :account, 'reporting', 'report', '', '{}',"
    " :now, :now - n * interval '1 minute', null from generate_series(1, :many) n",
    "insert into portal.draft select gen_random_uuid(), :other, 'reporting', 'report', '', '{}',"
    " :now, :now - n * interval '1 minute', null from generate_series(1, 10 * :many) n",
    # What other tests have deleted swells each index differently, and with it what reading it seems to cost.
    "reindex table portal.case",
    "analyze portal.case, portal.case_event, portal.draft",
)
BY_SERVICE = queries._NEWEST.where(CaseRow.service == "reporting")
LOOKED_AT: tuple[tuple[Select[*tuple[Any, ...]], dict[str, Any], str], ...] = (
    (queries._BY_ID, {"case": uuid.uuid4()}, "pk_case"),
    (queries._BY_REFERENCE, {"reference": "R7"}, "uq_case_reference"),
    (opening._BY_KEY, {"key": "k7"}, "uq_case_account_id_idempotency_key"),
    (queries._NEWEST, {"limit": 25}, "ix_case_account_id_opened_at_id"),
    (BY_SERVICE, {"limit": 25}, "ix_case_account_id_"),
    (queries._TIMELINE, {"case": uuid.uuid4(), "limit": 25}, "ix_case_event_case_id_id"),
    (queries._ALL_EVENTS, {"case": uuid.uuid4(), "limit": 25}, "ix_case_event_case_id_id"),
    (writing._SINCE, {"case": uuid.uuid4(), "seen": 3}, "uq_case_event_case_id_version"),
    (merging._ABSORBED, {"case": uuid.uuid4()}, "ix_case_merged_into_id"),
    (service_levels._OVERDUE, {"now": clock.now(), "limit": 100}, "ix_case_to_escalate"),
    (holding._OVER, {"now": clock.now(), "limit": 100}, "ix_case_held"),
    (
        retention._SOME,
        {"service": "reporting", "type": "report", "before": clock.now()},
        "ix_case_to_forget",
    ),
    (queries._RECENT, {"limit": 25}, "case_event"),
    (queries._RECENT.where(CaseEventRow.id < 9), {"limit": 25}, "case_event"),
    (drafts._UNSENT.limit(20), {}, "ix_draft_account_id_updated_at_id"),
)


def plan_of(query: Executable, values: dict[str, Any]) -> str:
    compiled = query.compile(session().connection())  # type: ignore[attr-defined]  # a Select
    parameters = {name: values.get(name, given) for name, given in compiled.params.items()}
    return "\n".join(session().connection().exec_driver_sql(f"explain {compiled}", parameters).scalars())


def test_queries_of_a_resident_with_thousands_of_cases_read_an_index_in_order(ada: Account, bob: Account) -> None:
    for statement in FILL:
        values = {"account": ada.id, "other": bob.id, "now": clock.now(), "many": MANY}
        session().execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})
    # Among so few rows sorting may be cheaper than reading in order, by a hair and by the sample that was analysed:
    # what is asked here is whether the index can give the order at all.
    session().execute(text("set local enable_sort = off"))
    session().execute(text("set local enable_bitmapscan = off"))
    for query, values, index in LOOKED_AT:
        plan = plan_of(query, {"account": ada.id, **values})
        assert index in plan
        assert "Seq Scan" not in plan
        assert "Sort" not in plan
