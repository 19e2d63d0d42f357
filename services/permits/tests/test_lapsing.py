"""What the clock does to permits, each in its time, and one bad row keeps no other."""

from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import text

from portal.kit import get_case, session
from services.permits.operations.lapsing import expire, lapse
from services.permits.tests.asking import asks, has_permit, now, sends
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
