"""Whatever residents, gateway, staff and clock do, in whatever order: no penny is lost, and none is there twice."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from portal import clock
from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Conflict, Refused, Unavailable
from portal.payments import asking_again, paying, receipts, refunding
from portal.payments.gateway import GatewayState
from portal.payments.ledger import trial_balance
from portal.payments.reconciling import reconcile
from portal.payments.refunds import refund
from portal.payments.suspense import offer_again
from portal.payments.values import PaymentLine
from tests.integration.payments.conftest import fill, press
from tests.support.fixtures import Clock
from tests.support.payments import PlayedGateway, Toll, new_key
from tests.support.people import someone
from tests.support.worker import work

STAFF = f"staff:{uuid.UUID(int=7)}"


def story_of(app: Flask, gate: PlayedGateway, toll: Toll, at: Clock) -> type[RuleBasedStateMachine]:
    """What can happen to one resident. Gateway and books go on from one story to the next."""
    began = at.moment

    class Story(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.payer: Account = someone(app, uuid.uuid4().hex)

        @rule(
            keys=st.sampled_from([("a",), ("b",), ("a", "b")]),
            lost=st.booleans(),
            state=st.sampled_from([None, "success", "success", "failed", "error"]),
            comes_back=st.booleans(),
        )
        def buys(self, keys: tuple[str, ...], lost: bool, state: GatewayState | None, comes_back: bool) -> None:
            """Fills the basket and presses; something becomes of it at the gateway; comes back, or does not."""
            for key in keys:
                at.advance(seconds=1)  # so that what comes later stands later
                fill(self.payer, key)
            gate.lose = {"create"} if lost else set()
            try:
                payment = press(self.payer)
            except Conflict:  # another payment is open
                session().rollback()
                return
            finally:
                gate.lose = set()
            if (
                state is not None
                and payment.gateway_id is not None
                and not gate.payments[payment.gateway_id].is_finished
            ):
                gate.becomes(payment.gateway_id, state, "P0010" if state == "failed" else "")
            if comes_back:
                paying.ask(payment.id)
                session().commit()

        @precondition(lambda self: self.at_the_gateway())
        @rule(data=st.data(), state=st.sampled_from(["success", "success", "failed", "cancelled", "error"]))
        def is_decided(self, data: st.DataObject, state: str) -> None:
            """At once or after it had failed, and without telling us."""
            gate.becomes(data.draw(st.sampled_from(self.at_the_gateway())), state, "")  # type: ignore[arg-type]  # its words

        @rule()
        def calls_off(self) -> None:
            is_open = receipts.find_open(self.payer)
            if is_open is not None:
                try:
                    paying.call_off(self.payer, is_open.reference)
                except Conflict:
                    session().rollback()
                session().commit()

        @rule(minutes=st.sampled_from([1, 3, 11, 90]), down=st.booleans(), stumbles=st.integers(0, 1))
        def time_goes_by(self, minutes: int, down: bool, stumbles: int) -> None:
            at.advance(minutes=minutes)
            toll.stumbles = stumbles
            if down:
                gate.trouble = refuse
            for clockwork in (asking_again.again, asking_again.tell_again, refunding.again):
                clockwork()
                session().commit()
            gate.trouble = lambda _act: None
            toll.stumbles = 0

        @precondition(lambda self: self.paid_lines())
        @rule(data=st.data(), lost=st.booleans())
        def is_given_back(self, data: st.DataObject, lost: bool) -> None:
            line = data.draw(st.sampled_from(self.paid_lines()))
            amount = data.draw(st.integers(1, line.amount))
            gate.lose = {"refund"} if lost else set()
            gate.refund_state = data.draw(st.sampled_from(["success", "submitted"]))
            try:
                refund(STAFF, line_id=line.id, amount=amount, reason="Because.", key=new_key())
                session().commit()
                work()
            except Refused:
                assert amount > line.refundable
                session().rollback()
            gate.lose = set()

        @precondition(lambda self: any(line.in_suspense for line in self.paid_lines()))
        @rule(data=st.data())
        def is_offered_again(self, data: st.DataObject) -> None:
            line = data.draw(st.sampled_from([line for line in self.paid_lines() if line.in_suspense]))
            try:
                offer_again(STAFF, line.id)
            except Refused:
                assert line.refunded
                session().rollback()
            session().commit()

        @precondition(lambda self: self.refunds_under_way())
        @rule(data=st.data(), state=st.sampled_from(["success", "error"]))
        def refund_is_decided(self, data: st.DataObject, state: str) -> None:
            gate.refund_becomes(data.draw(st.sampled_from(self.refunds_under_way())), state)

        @rule()
        def books_are_compared(self) -> None:
            at.advance(minutes=1)
            session().rollback()
            assert [each.says for each in reconcile(began - timedelta(hours=1), at.moment).left] == []
            taken = sum(each.amount for each in gate.payments.values() if each.is_paid)
            gone = sum(each.amount for made in gate.refunds.values() for each in made if each.state == "success")
            assert sum(each.pence for each in trial_balance() if each.account == "gateway") == taken - gone

        @invariant()
        def books_balance_and_each_line_is_told_once(self) -> None:
            assert sum(each.pence for each in trial_balance()) == 0
            assert len({each.line_id for each in toll.paid}) == len(toll.paid)

        def at_the_gateway(self) -> list[str]:
            """Their payments that can still turn out well: of several under one reference, the one they were shown."""
            own, _more = receipts.payments_of(self.payer, many=100)
            known = [each.gateway_id for each in own if each.gateway_id is not None]
            return [each for each in known if not gate.payments[each].is_paid]

        def refunds_under_way(self) -> list[str]:
            own, _more = receipts.payments_of(self.payer, many=100)
            made = [each for payment in own for each in gate.refunds.get(payment.gateway_id or "", ())]
            return [each.id for each in made if each.state == "submitted"]

        def paid_lines(self) -> list[PaymentLine]:
            own, _more = receipts.payments_of(self.payer, many=100)
            return [line for payment in own if payment.is_paid for line in payment.lines]

        def teardown(self) -> None:
            self.books_are_compared()

    return Story


def refuse(_act: str) -> None:
    raise Unavailable


@pytest.mark.usefixtures("clean_database")
def test_no_penny_is_lost_whatever_happens(pay_app: Flask, gate: PlayedGateway, toll: Toll, at: Clock) -> None:
    run_state_machine_as_test(
        story_of(pay_app, gate, toll, at),
        settings=settings(
            max_examples=10,
            stateful_step_count=15,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    found = set(session().scalars(text("select outcome from portal.payment_line")))
    assert found >= {"taken", "twice"}, "no story came to its point"
    assert {each.state for made in gate.refunds.values() for each in made} >= {"success"}
    assert clock.now() == at.moment
