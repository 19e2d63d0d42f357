"""The books against the gateway's: what was missed is taken in, and what cannot be right is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError, ProgrammingError

from portal import clock
from portal.accounts.values import Account
from portal.db.session import session
from portal.payments import ledger, receipts
from portal.payments.gateway import GatewayPayment, Order
from portal.payments.reconciling import LOOKED_BACK, Report, reconcile
from tests.integration.payments.conftest import Pay, books, count
from tests.integration.payments.test_refunds import give_back, states
from tests.support.fixtures import Clock
from tests.support.payments import PlayedGateway, Toll
from tests.support.worker import work


def compared() -> Report:
    now = clock.now()
    return reconcile(now - LOOKED_BACK, now)


def named(report: Report) -> list[tuple[str, bool]]:
    return [(each.kind, each.mended) for each in report.differences]


@pytest.fixture(autouse=True)
def _a_moment_on(at: Clock) -> Callable[[], None]:
    """Searches go up to just before now."""
    at.advance(minutes=1)
    return lambda: None


def test_nothing_differs_where_all_was_heard(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    gate.refund_state = "success"
    for _time in range(3):
        give_back(paid(), 100)
        at.advance(minutes=1)
    work()
    at.advance(minutes=1)
    report = compared()
    assert report.differences == []
    assert (report.payments, report.refunds, report.taken, report.given_back) == (3, 3, 3600, 300)


def test_money_that_we_missed_is_taken_in(
    begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "success")
    at.advance(minutes=1)
    report = compared()
    assert named(report) == [("missed_state", True)]
    assert receipts.get_payment(payer, payment.reference).is_paid
    assert (len(toll.paid), books()) == (1, {"gateway": 1200, "toll": -1200})
    assert compared().differences == []


def test_payment_whose_creation_we_never_heard_of_is_found_by_its_reference(
    begun: Pay, gate: PlayedGateway, payer: Account, at: Clock
) -> None:
    payment = begun()
    session().execute(
        text("update portal.payment set gateway_id = null, state = 'error', ended_at = now(), ask_at = null")
    )
    session().commit()
    gate.becomes(str(payment.gateway_id), "success")
    at.advance(minutes=1)
    assert named(compared()) == [("missed_state", True)]
    assert receipts.get_payment(payer, payment.reference).is_paid


def test_money_that_is_not_ours_is_named(gate: PlayedGateway, toll: Toll, at: Clock) -> None:
    made = gate.create(Order("k", 500, "SOMEBODY-ELSES", "A thing", "https://x.example/"))
    at.advance(minutes=1)
    assert compared().differences == []  # not paid: nobody's business
    gate.becomes(made.id, "success")
    report = compared()
    assert named(report) == [("not_ours", False)]
    assert report.left[0].subject == made.id


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda theirs: replace(theirs, amount=1199), "other_amount"),
        (lambda theirs: replace(theirs, state="failed", code="P0010"), "missed_state"),
    ],
    ids=["amount", "no-longer-paid"],
)
def test_what_cannot_be_right_is_left_and_named(
    paid: Pay, gate: PlayedGateway, at: Clock, change: Callable[[GatewayPayment], GatewayPayment], kind: str
) -> None:
    payment = paid()
    gate.payments[str(payment.gateway_id)] = change(gate.payments[str(payment.gateway_id)])
    at.advance(minutes=1)
    report = compared()
    assert named(report) == [(kind, False)]
    assert report.left[0].subject == payment.reference
    assert books() == {"gateway": 1200, "toll": -1200}


def test_payment_that_the_gateway_does_not_know_is_named(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    payment = paid()
    gate.payments.clear()
    at.advance(minutes=1)
    assert [(each.kind, each.subject) for each in compared().left] == [("not_there", payment.reference)]


def test_refund_made_in_the_gateways_own_pages_is_taken_in(
    paid: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    payment = paid("a", "b")
    gate.refund_state = "success"
    gate.refund_by_hand(str(payment.gateway_id), 1300)
    at.advance(minutes=1)
    assert named(compared()) == [("missed_refund", True)]
    assert [line.refunded for line in receipts.get_payment(payer, payment.reference).lines] == [1200, 100]
    assert books() == {"gateway": 250, "toll": -250}
    assert [(each.key, each.amount) for each in toll.refunded] == [("a", 1200), ("b", 100)]
    assert compared().differences == []


def test_refund_whose_answer_was_lost_is_known_again(paid: Pay, gate: PlayedGateway, toll: Toll, at: Clock) -> None:
    payment = paid()
    gate.refund_state = "success"
    give_back(payment, 500)
    gate.lose = {"refund"}
    work()
    at.advance(minutes=1)
    assert named(compared()) == [("missed_refund", True)]
    assert states(payment) == ["success"]
    assert count("refund") == 1
    assert books() == {"gateway": 700, "toll": -700}


def test_refund_of_a_payment_that_is_not_ours_is_named(gate: PlayedGateway, toll: Toll, at: Clock) -> None:
    made = gate.create(Order("k", 500, "SOMEBODY-ELSES", "A thing", "https://x.example/"))
    gate.becomes(made.id, "success")
    gate.refund_by_hand(made.id, 100)
    at.advance(minutes=1)
    assert sorted(kind for kind, _ in named(compared())) == ["not_ours", "refund_not_ours"]


def test_books_that_do_not_fit_the_payments_are_named(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    paid()
    session().execute(text("update portal.payment set amount = amount + 1"))
    session().commit()
    at.advance(minutes=1)
    says = " ".join(each.says for each in compared().left if each.kind == "books")
    assert "gateway stands at 1200 pence, and payments and refunds make it 1201" in says


def test_money_on_the_account_of_another_service_is_named(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    paid()
    session().execute(text("update portal.payment_line set ledger = 'tunnel'"))
    session().commit()
    at.advance(minutes=1)
    assert [each.says for each in compared().left] == [
        "toll stands at -1200 pence, and payments and refunds make it 0",
        "tunnel stands at 0 pence, and payments and refunds make it -1200",
    ]


# The ledger itself.


COLUMNS = {"ledger_transaction": "kind", "ledger_entry": "pence"}


def one_sided(payment_id: object) -> None:
    transaction = {"payment": payment_id}
    session().execute(
        text(
            "insert into portal.ledger_transaction (id, kind, source, payment_id, made_at)"
            " values (gen_random_uuid(), 'payment', 'x', :payment, now())"
        ),
        transaction,
    )
    session().execute(
        text(
            "insert into portal.ledger_entry (transaction_id, account, side, pence)"
            " select id, 'gateway', 'debit', 5 from portal.ledger_transaction where source = 'x'"
        )
    )


def test_database_refuses_a_transaction_that_does_not_balance(paid: Pay) -> None:
    one_sided(paid().id)
    with pytest.raises(Exception, match="does not balance: 5 pence debited, 0 pence credited"):
        session().commit()
    session().rollback()
    assert books() == {"gateway": 1200, "toll": -1200}


def test_database_refuses_a_transaction_without_entries(paid: Pay) -> None:
    payment = paid()
    session().execute(
        text(
            "insert into portal.ledger_transaction (id, kind, source, payment_id, made_at)"
            " values (gen_random_uuid(), 'payment', 'x', :payment, now())"
        ),
        {"payment": payment.id},
    )
    with pytest.raises(Exception, match="does not balance"):
        session().commit()
    session().rollback()


def test_same_event_is_not_entered_twice(paid: Pay) -> None:
    payment = paid()
    with pytest.raises(Exception, match="uq_ledger_transaction_kind_source"):
        ledger.enter("payment", payment.id, payment_id=payment.id, debit={"gateway": 1}, credit={"toll": 1})
    session().rollback()


def test_sums_that_differ_are_refused_before_the_database_is_asked(paid: Pay) -> None:
    payment = paid()
    with pytest.raises(ValueError, match="as many pence"):
        ledger.enter("told", payment.id, payment_id=payment.id, debit={"gateway": 1}, credit={"toll": 2})


@pytest.mark.parametrize("table", ["ledger_transaction", "ledger_entry"])
@pytest.mark.parametrize(
    "change",
    ["update portal.{0} set {1} = {1}", "delete from portal.{}", "truncate portal.{} cascade"],
    ids=["update", "delete", "truncate"],
)
def test_ledger_takes_entries_and_gives_none_up(paid: Pay, table: str, change: str) -> None:
    paid()
    with pytest.raises((ProgrammingError, InternalError), match=r"append-only|permission denied"):
        session().execute(text(change.format(table, COLUMNS[table])))
    session().rollback()
