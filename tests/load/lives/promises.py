"""What the ledger is asked in the end: how often each promise was broken."""

from typing import Any

import psycopg

from services.reporting.workflow import MOVES

LEGAL = {(move.source, move.target) for move in MOVES}
CHECKS = {
    "lives that have not come to their end": "select count(*) from portal.case"
    " where status <> 'fixed' or closed_at is null or rating is null or held_at is not null or waits_for <> 'nobody'",
    "cases with a gap among their versions": "select count(*) from portal.case c where c.version <>"
    " (select count(*) from portal.case_event e where e.case_id = c.id and e.version between 1 and c.version)",
    "cases with two of what happens once": "select count(*) from (select from portal.case_event"
    " where kind in ('opened', 'taken', 'held', 'resumed', 'rated', 'task_set', 'task_done')"
    " group by case_id, kind having count(*) > 1) doubled",
    "cases without one message from each side": "select count(*) from portal.case c where"
    " (select array_agg(from_staff order by from_staff) from portal.case_message m where m.case_id = c.id)"
    " is distinct from array[false, true]",
    "cases that routing gave to nobody, or to the wrong team": "select count(*) from portal.case where team = ''"
    " or (area = 'northfields' and team <> 'highways')",
    "notices lost or doubled": "select abs((select count(*) from portal.notice where key like 'case:%') -"
    " (select count(*) from portal.case_event where kind in ('task_set', 'held') or (kind = 'moved' and actor like"
    " 'staff:%') or (kind = 'message_sent' and (details->>'from_staff')::bool)))",
    "letters that did not leave": "select count(*) from portal.outbound_message where state <> 'sent'",
    "notices without a letter": "select abs((select count(*) from portal.notice) -"
    " (select count(*) from portal.outbound_message))",
    "letters that Notify got twice": "select count(*) - count(distinct reference) from notify_standin.notification",
    "letters that Notify never got": "select count(*) from portal.outbound_message m where not exists"
    " (select from notify_standin.notification n where n.reference = m.id::text)",
    "jobs given up or left": "select count(*) from jobs.procrastinate_jobs where status <> 'succeeded'"
    " and task_name in ('load.live', 'notify.deliver', 'reporting.route', 'reporting.confirm')",
    "audit entries missing": "select (select count(*) from portal.case_event) - (select count(*) from"
    " portal.audit_entry where act like 'case.%' and act <> 'case.let_go')",
}
_WAYS = (
    "select distinct was, status from (select status, lag(status) over (partition by case_id order by version) as was"
    " from portal.case_event) ways where was is not null and was <> status"
)


def judge(connection: psycopg.Connection[Any], cases: int) -> dict[str, int]:
    """How often each promise was broken."""
    found = {name: int(connection.execute(query).fetchone()[0]) for name, query in CHECKS.items()}  # type: ignore[arg-type, index]  # a constant, one row
    count = connection.execute("select count(*) from portal.case").fetchone()
    ways = {(was, status) for was, status in connection.execute(_WAYS)}
    return {
        "cases missing or doubled": abs(int(count[0]) - cases) if count else cases,
        "moves that the type does not allow": len(ways - LEGAL),
        **found,
    }
