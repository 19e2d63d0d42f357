"""Of a refund a service is told with its payment held, while whoever gives back holds the service's own rows first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from portal.kit import Refunded, clock, session
from services.permits.models.visitors import VisitorBalance, VisitorPurchase
from services.permits.operations import money, visit_hours
from services.permits.service import SERVICE
from services.permits.tests import parked
from services.permits.tests.asking import asks, has_permit, now
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident


@contextmanager
def held(engine: Engine, table: str, row_id: UUID) -> Iterator[None]:
    """Somebody else has the row."""
    with engine.begin() as other:
        other.execute(text(f"select 1 from permits.{table} where id = :id for update"), {"id": row_id})
        yield


def told(line_id: UUID | None, key: UUID, whole: int) -> Refunded:
    """So much of a line has gone back."""
    assert line_id is not None
    return Refunded(
        payment_reference="X",
        line_id=line_id,
        refund_id=uuid4(),
        account_id=None,
        code="permit",
        key=str(key),
        amount=whole,
        refunded=whole,
        at=clock.now(),
    )


@pytest.mark.parametrize("tell", [money.note_refunded, money.note_not_refunded])
def test_who_tells_of_a_refund_does_not_wait_for_who_ends_the_permit(
    holder: Resident, gate: PlayedGateway, cleaning_engine: Engine, tell: Callable[[Refunded], None]
) -> None:
    permit = has_permit(holder.account, gate, asks())
    refund = told(permit.line_id, permit.id, 100)
    with held(cleaning_engine, "permit", permit.id):
        session().execute(text("set local lock_timeout = '500ms'"))
        with pytest.raises(OperationalError, match="could not obtain lock"):
            tell(refund)
        session().rollback()
    money.note_refunded(refund)
    session().commit()
    assert now(permit).refunded_pence == 100


def test_nor_for_who_gives_hours_back(holder: Resident, cleaning_engine: Engine) -> None:
    balance = parked.balance(holder.account, minutes=600, uprn="900000000001", zone_code="K")
    bought = VisitorPurchase(
        id=uuid4(),
        balance_id=balance.id,
        minutes=600,
        reduced_minutes=0,
        pence=1600,
        status="paid",
        line_id=uuid4(),
        refunded_minutes=0,
        refunded_pence=0,
        created_at=clock.now(),
        paid_at=clock.now(),
    )
    session().add(bought)
    session().commit()
    refund = told(bought.line_id, bought.id, 800)
    balance_id = balance.id
    session().rollback()
    with held(cleaning_engine, "visitor_balance", balance_id):
        session().execute(text("set local lock_timeout = '500ms'"))
        with pytest.raises(OperationalError, match="could not obtain lock"):
            visit_hours.note_refunded(refund)
        session().rollback()
    visit_hours.note_refunded(refund)
    session().commit()
    assert session().get_one(VisitorBalance, balance_id).minutes == 300


def test_staff_read_what_becomes_of_each_thing_before_they_give_its_money_back() -> None:
    sentences = [str(each.if_refunded) for each in SERVICE.payables]
    # Of a permit that has ended too, and of hours that a refund which failed has taken off before.
    assert "If the permit is valid, it stays so." in sentences[0]
    assert "unless they are off already" in sentences[1]
