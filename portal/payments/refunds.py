"""Give money back: in full or in part, to the card that it came from, never more than was paid."""

import uuid

from portal.payments.values import Refund


def refund(actor: str, *, line_id: uuid.UUID, amount: int, reason: str, key: str) -> Refund:
    """Give back `amount` pence of a paid line. It goes out once the current transaction is committed.

    `actor` is `staff:<id>` or `system:<service>`; `reason` is for the payer to read. The same `key` again gives the
    refund that is there. The amount is taken from what the line can give at once; should the gateway say no in the
    end, it can be refunded again. Raises NotFound for no such line, Refused when it is not paid or has not so much
    left.
    """
    raise NotImplementedError
