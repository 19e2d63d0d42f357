"""What must hold whatever happens, asked of the database after every step, and kept by it when the code forgets."""

import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from portal.kit import NotFound, Refused, clock, session, start_draft
from services.permits.models.permits import PermitSlot
from services.permits.models.zones import Zone
from services.permits.operations.changing import change_address, change_vehicle, renew
from services.permits.operations.courtesy import lend
from services.permits.operations.ending import end_permit, take_back
from services.permits.operations.granting import change
from services.permits.operations.lapsing import expire, lapse
from services.permits.operations.places import take_places
from services.permits.queries.permits import permits_of
from services.permits.rules.permits import Cap, Permit
from services.permits.tests import parked
from services.permits.tests.asking import HOMES, asks, car, has_permit, lives_at, now, pays, sends
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident, resident

CARS = ("AA19AAA", "AA19DSL", "AA19EEE")
BROKEN = {
    "a cap is overrun": "select scope from permits.permit_slot group by scope having count(*) > max(most)",
    "one car has two permits of a zone on one day": (
        "select a.id from permits.permit a join permits.permit b on a.zone = b.zone and a.vrm = b.vrm and a.id < b.id"
        " and a.valid && b.valid where a.status = 'active' and b.status = 'active' and a.vrm <> ''"
    ),
    "a courtesy car may park there anyway": (
        "select lent.id from permits.courtesy_car lent join permits.permit giver on giver.id = lent.permit_id"
        " join permits.permit own on own.zone = lent.zone and own.vrm = lent.vrm and own.valid && lent.valid"
        " where giver.status = 'active' and own.status = 'active' and own.chain_id <> lent.chain_id"
    ),
    "more was given back than was paid": "select id from permits.permit where refunded_pence > paid_pence",
    "a permit is valid that was not paid for": (
        "select id from permits.permit where status = 'active' and paid_pence < price_pence"
    ),
    "a permit has no place": (
        "select p.id from permits.permit p cross join lateral jsonb_array_elements(p.caps) cap"
        " where p.status in ('asked', 'to_pay', 'active') and not exists (select from permits.permit_slot s"
        " where s.chain_id = p.chain_id and s.scope = cap ->> 'scope')"
    ),
    "a place is nobody's": (
        "select s.scope from permits.permit_slot s where not exists (select from permits.permit p"
        " where p.chain_id = s.chain_id and p.status in ('asked', 'to_pay', 'active'))"
    ),
    "money is lost": (
        "select p.id from permits.permit p left join portal.payment_line l on l.id = p.line_id"
        " where p.paid_pence > 0 and (l.id is null or l.amount <> p.paid_pence or l.refunded < p.refunded_pence)"
    ),
}


def broken() -> list[str]:
    """The invariants that do not hold."""
    session().rollback()
    return [words for words, query in BROKEN.items() if session().execute(text(query)).first() is not None]


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Do these at the same moment, each in a transaction of its own; what each gave or raised."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(nth: int) -> None:
        with app.test_request_context("/"):
            start.wait()
            try:
                outcomes[nth] = acts[nth]()
                session().commit()
            except (Refused, IntegrityError) as error:
                session().rollback()
                outcomes[nth] = error  # type: ignore[call-overload]  # whatever it was

    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_applications_for_the_last_place_one_wins(parking: Flask) -> None:
    people = [resident(parking, name) for name in ("One", "Two", "Three", "Four")]
    _cap_zone(1)
    acts = [
        lambda who=who, nth=nth: sends(who.account, asks(f"AA19AA{nth}", home=HOMES[nth]), proofs=lives_at(HOMES[nth]))
        for nth, who in enumerate(people)
    ]
    outcomes = at_once(parking, *acts)
    won = [each for each in outcomes if isinstance(each, Permit)]
    lost = [str(each) for each in outcomes if isinstance(each, Refused)]
    assert (len(won), lost) == (1, ["All permits of this zone are taken at the moment."] * 3)
    assert broken() == []


def test_of_two_applications_for_one_car_one_wins(parking: Flask) -> None:
    people = [resident(parking, name) for name in ("One", "Two")]
    session().rollback()
    outcomes = at_once(parking, *(lambda who=who: sends(who.account, asks()) for who in people))
    assert sorted(type(each).__name__ for each in outcomes) == ["Permit", "Refused"]
    assert broken() == []


def test_two_presses_at_once_make_one_application(parking: Flask, holder: Resident) -> None:
    draft = start_draft(holder.account, service="permits", journey="permit").id
    session().commit()
    outcomes = at_once(parking, *([lambda: sends(holder.account, asks(), draft=draft)] * 2))
    assert outcomes[0].id == outcomes[1].id
    assert len(permits_of(holder.account)) == 1


def test_two_presses_at_once_give_money_back_once(
    parking: Flask, holder: Resident, gate: PlayedGateway, at: Any
) -> None:
    permit = has_permit(holder.account, gate, asks())
    session().rollback()
    at_once(parking, *([lambda: end_permit(holder.account, permit_id=permit.id)] * 2))
    assert now(permit).refunded_pence < permit.paid_pence
    assert broken() == []


def test_an_end_and_a_change_at_once_leave_one_of_them(parking: Flask, holder: Resident, gate: PlayedGateway) -> None:
    permit = has_permit(holder.account, gate, asks())
    session().rollback()
    at_once(
        parking,
        lambda: end_permit(holder.account, permit_id=permit.id),
        lambda: change_vehicle(holder.account, permit_id=permit.id, vehicle=car("AA19EEE", co2=0), key=uuid4().hex),
    )
    assert sum(each.status == "active" for each in permits_of(holder.account)) <= 1
    assert broken() == []


@pytest.mark.parametrize("status", ["active", "to_pay"])
def test_the_database_refuses_a_second_permit_for_a_car(holder: Resident, neighbour: Resident, status: str) -> None:
    parked.permit(holder.account, "AA19AAA", zone_code="K", status=status)
    session().flush()
    with pytest.raises(IntegrityError, match="ex_permit_"):
        parked.permit(neighbour.account, "AA19AAA", zone_code="K", status=status)


def test_the_database_takes_the_day_after_the_last(holder: Resident) -> None:
    parked.permit(holder.account, "AA19AAA", zone_code="K", first=date(2027, 3, 1), days=30)
    parked.permit(holder.account, "AA19AAA", zone_code="K", first=date(2027, 3, 31), days=30)
    parked.permit(holder.account, "AA19AAA", zone_code="L", first=date(2027, 3, 1), days=30)
    session().flush()


def test_the_database_refuses_a_place_too_many(holder: Resident) -> None:
    chains = [uuid4() for _nth in range(3)]
    caps = [Cap("zone:K:resident", 2, "zone")]
    assert [take_places(chain, caps) for chain in chains] == [True, True, False]
    for number in (2, 3):
        row = {"scope": "zone:K:resident", "number": number, "most": 2, "chain_id": uuid4()}
        nested = session().begin_nested()
        with pytest.raises(IntegrityError):
            session().execute(insert(PermitSlot), row)
        nested.rollback()


def test_a_cap_that_was_lowered_lets_nobody_else_in(holder: Resident) -> None:
    chains = [uuid4() for _nth in range(3)]
    assert all(take_places(chain, [Cap("zone:K:resident", 3, "zone")]) for chain in chains)
    assert not take_places(uuid4(), [Cap("zone:K:resident", 2, "zone")])
    assert take_places(chains[0], [Cap("zone:K:resident", 3, "zone")])  # who has a place keeps it


@pytest.mark.parametrize(
    "values",
    [
        {"refunded_pence": 12501},
        {"refunded_pence": -1},
        {"paid_pence": 12499},
        {"valid": Range(date(2027, 1, 1), None)},
    ],
    ids=["too much back", "less than nothing back", "not paid", "for ever"],
)
def test_the_database_refuses_wrong_money_and_days(
    holder: Resident, gate: PlayedGateway, values: dict[str, Any]
) -> None:
    permit = has_permit(holder.account, gate, asks())
    with pytest.raises(IntegrityError):
        change(permit.id, **values)
    session().rollback()


CHOICES = {
    "": ("ask",),
    "asked": ("back", "ask"),
    "to_pay": ("pay", "pay", "pay", "back", "wait", "ask"),
    "active": ("vehicle", "address", "end", "renew", "lend", "ask", "year", "night"),
}
"""What somebody does next, by how their latest permit stands."""
STEPS = st.lists(st.tuples(st.integers(0, 23), st.integers(0, 1), st.integers(0, 2)), min_size=8, max_size=16)


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(steps=STEPS)
def test_no_story_breaks_an_invariant(
    parking: Flask, gate: PlayedGateway, at: Any, steps: Sequence[tuple[int, int, int]]
) -> None:
    at.move_to("2027-03-01T09:00")
    people = [resident(parking, f"{uuid4().hex[:8]}") for _nth in range(2)]
    _cap_zone(2)
    done = []
    for choice, who, which in steps:
        at.advance(minutes=1)
        permits = permits_of(people[who].account)
        mine = next((each for each in permits if each.status in CHOICES), None)
        acts = CHOICES[mine.status if mine else ""]
        act = acts[choice % len(acts)]
        try:
            _step(people[who], gate, at, act, which, mine)
            session().commit()
        except (Refused, NotFound):
            session().rollback()
        done.append(act)
        assert broken() == [], done
    _empty()


def _step(who: Resident, gate: PlayedGateway, at: Any, act: str, which: int, mine: Permit | None) -> None:
    account = who.account
    if act == "ask":
        sends(account, asks(CARS[which], home=HOMES[which]), proofs=lives_at(HOMES[which]))
    elif act in ("wait", "night", "year"):
        at.advance(**{"wait": {"minutes": 40}, "night": {"days": 1}, "year": {"days": 350}}[act])
        lapse()
        expire()
    elif mine is None:
        return
    elif act == "pay":
        pays(account, gate, mine)
    elif act == "vehicle":
        change_vehicle(account, permit_id=mine.id, vehicle=car(CARS[which], co2=60 * which), key=uuid4().hex)
    elif act == "address":
        home = HOMES[which]
        change_address(account, permit_id=mine.id, address=home, key=uuid4().hex, proofs=lives_at(home))
    elif act == "renew":
        renew(account, permit_id=mine.id, key=uuid4().hex, proofs=lives_at(HOMES[which]))
    elif act == "end":
        end_permit(account, permit_id=mine.id)
    elif act == "back":
        take_back(account, permit_id=mine.id)
    else:
        lend(account, permit_id=mine.id, vrm=CARS[which], first_on=clock.today(), days=7)


def _cap_zone(most: int) -> None:
    """So many resident permits in zone K."""
    session().rollback()
    session().execute(update(Zone).where(Zone.code == "K").values(caps={"resident": most}))
    session().commit()


def _empty() -> None:
    """The next story begins without this one's permits."""
    session().rollback()
    for table in ("courtesy_car", "permit_slot", "permit"):
        session().execute(text(f"delete from permits.{table}"))
    session().commit()


def test_the_database_gives_visitor_parking_no_car(holder: Resident) -> None:
    with pytest.raises(IntegrityError, match="ck_permit_visitor_car"):
        parked.permit(holder.account, "AA19AAA", kind="visitor")


def test_the_database_puts_no_car_in_a_zone_twice(holder: Resident, neighbour: Resident) -> None:
    own, giver = parked.permit(holder.account, "AA19AAA"), parked.permit(neighbour.account, "AA19EEE")
    third = parked.permit(holder.account, "AA19PPP")
    lent = parked.lent(giver, "AA19DSL")
    for again in (
        lambda: parked.lent(third, own.vrm),
        lambda: parked.lent(third, lent.vrm),
        lambda: parked.permit(holder.account, lent.vrm),
        lambda: change(own.id, vrm=lent.vrm),
    ):
        with pytest.raises(IntegrityError, match="twice"), session().begin_nested():
            again()
    change(giver.id, status="cancelled")
    parked.lent(third, lent.vrm)
