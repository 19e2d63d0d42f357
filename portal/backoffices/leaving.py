"""What becomes of a record that a resident lets go: nothing more is sent about it, and nothing is kept of it."""

import uuid
from typing import Final

from flask import current_app
from sqlalchemy import Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from portal import clock
from portal.backoffices import sending
from portal.backoffices.models import DeliveryRow, LastAnswerRow
from portal.backoffices.sending import delivery_of
from portal.backoffices.values import Hooks
from portal.db.session import session

WITHDRAWN: Final = "withdrawn"
_WAITING = (
    select(DeliveryRow)
    .where(
        DeliveryRow.account_id == bindparam("account"),
        DeliveryRow.service == bindparam("of"),
        DeliveryRow.state == "waiting",
        DeliveryRow.about == bindparam("about"),
    )
    .order_by(DeliveryRow.number)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_PARTS = func.string_to_array(LastAnswerRow.key, ":", type_=ARRAY(Text))
_FORGET = delete(LastAnswerRow).where(
    LastAnswerRow.account_id == bindparam("account"),
    LastAnswerRow.service == bindparam("of"),
    _PARTS.overlap(bindparam("named", type_=ARRAY(Text))),
)


def let_go(account_id: uuid.UUID, *, service: str, kind: str, key: str, person_key: str) -> None:
    """Send nothing more about a record, and forget what its office said of it, in the transaction that lets it go.

    An answer is the record's when its name has the reference or the person's key between colons
    (`statement:12345678:2`).
    """
    named = {"account": account_id, "of": service, "named": [key, person_key]}
    session().execute(_FORGET, named, execution_options={"synchronize_session": False})
    hooks: Hooks | None = current_app.extensions.get(sending.EXTENSION, {}).get(service)
    about = {"account": account_id, "of": service, "about": f"{kind}:{key}"}
    for row in session().scalars(_WAITING, about).all():
        row.state, row.sealed, row.retry_at, row.office_away = "undeliverable", None, None, False
        row.done_at = clock.now()
        session().flush()  # the service may look at what still waits
        if hooks is not None:
            hooks.on_undeliverable(delivery_of(row), WITHDRAWN)
