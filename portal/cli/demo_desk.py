"""What the demo's staff have done before anybody comes: cases in their hands, templates, routing rules.

It works on whatever cases the demo’s people have, and where there are none it does nothing.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.values import Account
from portal.audit import operations as audit
from portal.cases.ending import rate_case
from portal.cases.holding import hold_case
from portal.cases.merging import merge_case
from portal.cases.models import CaseEventRow, CaseRow
from portal.cases.notes import write_note
from portal.cases.queries import cases_of
from portal.cases.responses import write_response
from portal.cases.routing_rules import add_rule
from portal.cases.taking import take_case
from portal.cases.task_queries import tasks_of
from portal.cases.teams import find_team
from portal.cases.types import all_types, find_type
from portal.cases.values import Case
from portal.cli.demo_environment import DESK_CLIENT_ID
from portal.cli.demo_staff import COLLEAGUES
from portal.db.session import session
from portal.desk.people import staff_id_in
from portal.provider.models import ClientRow, PairwiseSubject
from portal.provider.shapes import SHAPES
from portal.settings.portal import Settings
from portal.staff.models import StaffLookRow, StaffMemberRow
from portal.staff.values import Role

SPACE: Final = uuid.UUID("6f2c7a52-5d0f-4a63-9a3e-0c2a5b7f7d12")
"""The space of the ids of what is made here, so that loading again finds what is there."""
HELD_DAYS: Final = 9
A_MOMENT: Final = timedelta(minutes=1)
SERVICE: Final = "reporting"
"""Where the demo's staff work, as the lines of the table of rights say."""
TEMPLATES: Final = (
    (
        "We have looked at it",
        "Dear {{name}},\n\nthank you for telling us. We have looked at it: {{reference}} is now with {{team}}."
        "\n\nWe aim to finish by {{due_day}}. You can follow it here: {{page}}\n\n{{council}}",
        "Annwyl {{name}},\n\ndiolch am roi gwybod i ni. Rydym wedi edrych ar hyn: mae {{reference}} nawr gyda {{team}}."
        "\n\nEin nod yw gorffen erbyn {{due_day}}. Gallwch ei ddilyn yma: {{page}}\n\n{{council}}",
    ),
    (
        "We need a photo",
        "Dear {{name}},\n\nwe could not find the place that you told us of ({{reference}}). Please send us a photo:"
        " we have added a task to {{page}}\n\n{{council}}",
        "Annwyl {{name}},\n\nni allem ddod o hyd i’r lle ({{reference}}). Anfonwch lun ohono atom:"
        " rydym wedi ychwanegu tasg at {{page}}\n\n{{council}}",
    ),
    (
        "It has to wait",
        "Dear {{name}},\n\nwe cannot go on with {{reference}} before {{held_until_day}}. We are sorry for the wait."
        " Ring {{telephone}} if it gets worse.\n\n{{council}}",
        "",
    ),
    (
        "The work is planned",
        "We have looked at this problem. It is with {{team}}, and we aim to put it right by {{due_day}}."
        " Ring {{telephone}} if it gets worse.",
        "Rydym wedi edrych ar y broblem hon. Mae hi gyda {{team}}, a’n nod yw ei datrys erbyn {{due_day}}."
        " Ffoniwch {{telephone}} os bydd yn gwaethygu.",
    ),
)
RULES: Final[tuple[tuple[str, str, Mapping[str, Sequence[str]], str], ...]] = (
    (SERVICE, "pothole", {"channel": ["telephone"]}, "highways"),
    (SERVICE, "graffiti", {}, "street_cleaning"),
)


def load(settings: Settings, accounts: Mapping[str, Account]) -> None:
    """Let the staff do their work. Doing it again adds nothing."""
    staff = _members(settings)
    if not staff:
        return
    _write_templates(staff["tom"])
    _write_rules(staff["tom"])
    still_open = [case for account in accounts.values() for case in cases_of(account.id) if case.is_open]
    _merge(staff["tom"], still_open)
    _hold(staff["sunita"], [case for case in still_open if case.waits_for == "council"])
    _take(staff["sunita"], [case for case in still_open if case.waits_for == "resident"])
    _rate(accounts.values())
    _look({staff["sunita"]: "decider", staff["tom"]: "lead"})


def caseworker(settings: Settings) -> str:
    """The actor of the one who deals with what the services bring; where there is no desk, of nobody in particular."""
    return _members(settings).get("sunita", "staff:demo")


def _members(settings: Settings) -> Mapping[str, str]:
    """The actors of the colleagues, as their first sign-in would make them: the ids by which the desk's client shall
    know them are given out beforehand.
    """
    sector = session().scalar(select(ClientRow.sector).where(ClientRow.id == DESK_CLIENT_ID))
    if sector is None:
        return {}
    return {each.key: f"staff:{_member(each.sub, each.key, sector, settings)}" for each in COLLEAGUES}


def _member(person_id: uuid.UUID, key: str, sector: str, settings: Settings) -> uuid.UUID:
    colleague = next(each for each in COLLEAGUES if each.key == key)
    asked = {"person_id": person_id, "sector": sector}
    session().execute(insert(PairwiseSubject).values(asked | {"sub": uuid.uuid5(SPACE, key)}).on_conflict_do_nothing())
    sub = session().execute(select(PairwiseSubject.sub).filter_by(**asked)).scalar_one()
    known = {"issuer": settings.issuer, "subject": f"{SHAPES[settings.own_provider.shape].subject_prefix}{sub}"}
    now = clock.now()
    told = {"name": f"{colleague.given_name} {colleague.family_name}", "email": colleague.email}
    row = insert(StaffMemberRow).values(
        id=uuid.uuid4(),
        provider=DESK_CLIENT_ID,
        groups=list(colleague.groups),
        language="en",
        created_at=now,
        seen_at=now,
        **known,
        **told,
    )
    session().execute(row.on_conflict_do_nothing())
    return session().execute(select(StaffMemberRow.id).filter_by(**known)).scalar_one()


def _write_templates(actor: str) -> None:
    """For the one service whose team the demo's staff are, if it is there."""
    service = SERVICE if any(each.service == SERVICE for each in all_types()) else ""
    for title, english, welsh in TEMPLATES:
        key = uuid.uuid5(SPACE, title)
        write_response(actor, key=key, title=title, body=english, body_cy=welsh, service=service)


def _write_rules(actor: str) -> None:
    for service, kind, conditions, team in RULES:
        if find_type(service, kind) is not None and find_team(team) is not None:
            add_rule(actor, team=team, service=service, type=kind, conditions=conditions)


def _merge(actor: str, some: Sequence[Case]) -> None:
    """The first that was sent twice, by whomever, becomes one."""
    by_kind: dict[tuple[str, str, str], Case] = {}
    for case in sorted(some, key=lambda each: (each.opened_at, each.id)):
        case_type = find_type(case.service, case.type)
        if case_type is None or not case_type.merged or tasks_of(case.id):
            continue
        first = by_kind.setdefault((case.service, case.type, case.area), case)
        if first.id != case.id:
            merge_case(case.id, into=first.id, actor=actor, reason="Somebody told us of this before you did.")
            write_note(actor, first.id, "Reported again by a neighbour: merged.", key="demo")
            return


def _hold(actor: str, some: Sequence[Case]) -> None:
    """The longest open one waits for a part."""
    for case in sorted(some, key=lambda each: (each.opened_at, each.id))[:1]:
        take_case(case.id, actor=actor)
        until_on = clock.today() + timedelta(days=HELD_DAYS)
        hold_case(case.id, actor=actor, until_on=until_on, reason="We have ordered what is needed, and wait for it.")
        write_note(actor, case.id, "Ordered from the depot; they ring when it is there.", key="demo")


def _take(actor: str, some: Sequence[Case]) -> None:
    for case in some[:1]:
        take_case(case.id, actor=actor)


def _rate(accounts: Iterable[Account]) -> None:
    """The first who has a closed case says what they thought of it."""
    for account in accounts:
        for case in cases_of(account.id):
            case_type = find_type(case.service, case.type)
            if not case.is_open and not case.is_merged and case_type is not None and case_type.rates:
                rate_case(account, case.id, rating=5, words="Done sooner than I thought. Thank you.")
                return


def _look(roles: Mapping[str, Role]) -> None:
    """Who did something with a case had looked at it just before, as at the desk, and its resident can read that."""
    query = (
        select(CaseRow.id, CaseRow.account_id, CaseRow.team, CaseEventRow.actor, func.min(CaseEventRow.at).label("at"))
        .join(CaseEventRow, CaseEventRow.case_id == CaseRow.id)
        .where(CaseEventRow.actor.in_(roles))
        .group_by(CaseRow.id, CaseEventRow.actor)
        .order_by(func.min(CaseEventRow.at), CaseRow.id)
    )
    for case_id, account_id, team, actor, at in session().execute(query).all():
        with clock.as_of(at - A_MOMENT):
            look = {"what": "case", "reason": "on_list", "team": team}
            looked = insert(StaffLookRow).values(
                account_id=account_id,
                case_id=case_id,
                staff_id=staff_id_in(actor),
                role=roles[actor],
                written=False,
                looked_at=clock.now(),
                **look,
            )
            session().execute(looked)
            audit.record("staff.looked", actor=actor, subject=f"case:{case_id}", account_id=account_id, **look)
