"""The permits in a resident's data file."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from portal.kit import Account, session
from services.permits.models.permits import Permit as PermitRow
from services.permits.queries.courtesy import courtesy_cars_of

_ALL = (
    select(PermitRow).where(PermitRow.account_id == bindparam("account")).order_by(PermitRow.created_at, PermitRow.id)
)


def permits_about(account: Account) -> Sequence[dict[str, Any]]:  # plain JSON
    """Every permit that they asked for, and what was said for it. Reference and timeline are in the ledger's part."""
    rows = session().scalars(_ALL, {"account": account.id}).all()
    lent = courtesy_cars_of([row.id for row in rows])
    return [
        {
            "case": row.case_id,
            "kind": row.kind,
            "asked_for": row.why,
            "for_business": row.business_id,
            "zone": row.zone,
            "vehicle": row.vrm,
            "address": row.address,
            "uprn": row.uprn,
            "answers": row.answers,
            "first_day": row.valid.lower,
            "last_day": row.last_on,
            "status": row.status,
            "price_pence": row.price_pence,
            "paid_pence": row.paid_pence,
            "given_back_pence": row.refunded_pence,
            "asked_at": row.created_at,
            "courtesy_cars": [
                {"vehicle": car.vrm, "first_day": car.first_on, "last_day": car.last_on} for car in lent.get(row.id, ())
            ],
        }
        for row in rows
    ]
