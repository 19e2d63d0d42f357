"""All that the service knows of a resident."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from portal.kit import Account, session
from services.council_tax.models import AskedChange, CardPayment

_OWN = (
    select(AskedChange)
    .where(AskedChange.account_id == bindparam("account"))
    .order_by(AskedChange.created_at, AskedChange.case_id)
)
_PAID = (
    select(CardPayment)
    .where(CardPayment.account_id == bindparam("account"))
    .order_by(CardPayment.made_at, CardPayment.line_id)
)


def everything_about(account: Account) -> Mapping[str, Any]:  # plain JSON, whatever the parts are
    """For the resident's data file: what they asked for. Reference and timeline are in the ledger's part, by `case`.

    Accounts and bills are the council tax system's, which answers for them itself.
    """
    rows = session().scalars(_OWN, {"account": account.id})
    return {
        "changes_asked": [
            {
                "case": row.case_id,
                "council_tax_account": row.reference,
                "kind": row.kind,
                "change": row.change,
                "files": row.files,
                "asked_at": row.created_at,
            }
            for row in rows
        ],
        "paid_by_card": [
            {
                "council_tax_account": row.reference,
                "pence": row.pence,
                "refunded_pence": row.refunded,
                "paid_on": row.paid_on,
                "state": row.state,
            }
            for row in session().scalars(_PAID, {"account": account.id})
        ],
    }
