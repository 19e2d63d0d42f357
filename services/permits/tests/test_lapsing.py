"""What the clock does to permits, each in its time, and one bad row keeps no other."""

from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text, update

from portal.kit import clock, get_case, put_in_basket, session
from services.permits.models.businesses import Business, BusinessMember
from services.permits.models.zones import Zone
from services.permits.operations.lapsing import expire, lapse, lapse_overdue
from services.permits.tests.asking import asks, has_permit, now, sends
from services.permits.workflow import SERVICE
from tests.support.paying_through import goes_to_pay, succeeds
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident, resident


def test_one_case_that_cannot_follow_keeps_no_other(holder: Resident, neighbour: Resident, at: Any) -> None:
    odd, good = sends(holder.account, asks()), sends(neighbour.account, asks("AA19DSL"))
    session().execute(text("update portal.case set status = 'granted' where id = :id"), {"id": odd.case_id})
    session().commit()
    at.advance(minutes=31)
    lapse()
    assert (now(odd).status, now(good).status) == ("to_pay", "lapsed")


def test_who_did_not_pay_is_told_once(parking: Flask, holder: Resident, at: Any) -> None:
    permit = sends(holder.account, asks())
    at.advance(minutes=31)
    for _nth in range(2):
        lapse()
        session().commit()
    assert get_case(holder.account.id, permit.case_id).status == "lapsed"
    inbox = resident(parking, "Holder").get("/inbox")
    assert inbox.count("was not paid for in time") == 1


def test_a_permit_is_valid_through_its_last_day(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    at.move_to("2027-03-01T09:00")
    permit = has_permit(holder.account, gate, asks())
    at.move_to("2028-02-29T23:30")
    expire()
    assert (permit.last_on, now(permit).status) == (date(2028, 2, 29), "active")
    at.move_to("2028-03-01T00:05")
    expire()
    assert now(permit).status == "expired"


def test_a_place_is_held_while_a_colleague_pays(
    holder: Resident, neighbour: Resident, gate: PlayedGateway, at: Any
) -> None:
    shop = Business(name="Bakery", number="", address="", postcode="", status="open", zone="K", created_at=clock.now())
    session().add(shop)
    session().flush()  # its members refer to it
    for who, role in ((holder, "owner"), (neighbour, "manager")):
        member = BusinessMember(business_id=shop.id, account_id=who.account.id, role=role, joined_at=clock.now())
        session().add(member)
    session().commit()
    permit = sends(holder.account, asks(kind="business", business_id=shop.id))
    put_in_basket(neighbour.account, service=SERVICE, code="permit", key=str(permit.id))
    session().commit()
    reference = goes_to_pay(neighbour.account)
    at.advance(minutes=31)
    lapse()
    assert now(permit).status == "to_pay"
    succeeds(neighbour.account, gate, reference)
    assert now(permit).status == "active"


def test_who_is_just_being_paid_for_is_not_waited_for(holder: Resident, at: Any, cleaning_engine: Engine) -> None:
    permit = sends(holder.account, asks())
    at.advance(minutes=31)
    with cleaning_engine.begin() as paying:
        paying.execute(text("select from permits.permit where id = :id for update"), {"id": permit.id})
        session().execute(text("set local lock_timeout = '300ms'"))
        lapse_overdue([cap.scope for cap in permit.caps], "K", "AA19DSL")
        session().commit()
    assert now(permit).status == "to_pay"


def test_what_is_over_stands_in_nobodys_way_before_the_night(
    holder: Resident, neighbour: Resident, gate: PlayedGateway, at: Any
) -> None:
    session().execute(update(Zone).where(Zone.code == "K").values(caps={"resident": 1}))
    at.move_to("2027-03-01T09:00")
    permit = has_permit(holder.account, gate, asks())
    at.move_to("2028-03-01T00:01")
    assert sends(neighbour.account, asks("AA19DSL")).status == "to_pay"
    assert now(permit).status == "expired"
