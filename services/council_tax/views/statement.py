"""The statement: every charge and payment, and what was owed after it."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.kit import current_account, render
from services.council_tax.queries.accounts import ask_statement
from services.council_tax.rules.naming import adjustment_called
from services.council_tax.views.blueprint import bp
from services.council_tax.views.words import STEPS, TRANSACTIONS


@bp.get("/accounts/<reference>/statement")
def statement(reference: str) -> ResponseReturnValue:
    """Payments, charges and what changed them, newest first, some at a time."""
    after = request.args.get("after", "")
    answer = ask_statement(current_account(), reference, after)
    return render(
        "council_tax/statement.html",
        reference=reference,
        answer=answer,
        lines=[(about(one.kind, one.code, one.pence), one) for one in answer.value.items] if answer.value else (),
        older=answer.value.after if answer.value else None,
        is_first=not after,
    )


def about(kind: str, code: str, pence: int = 0) -> str:
    """What a line is for. A charge that is taken back in part was changed, and not charged once more."""
    if kind == "charge" and pence < 0:
        return str(TRANSACTIONS["adjustment"])
    if kind == "cost" and code in STEPS:
        return f"{TRANSACTIONS[kind]}: {STEPS[code][0]}"
    if kind == "adjustment" and code:
        if code == "disabled":
            return adjustment_called("band_reduction", code)
        for family in ("discount", "premium", "band_reduction", "reduction", "local"):
            named = adjustment_called(family, code)
            if ":" in named or family == code:
                return named
        return adjustment_called("exemption", code)
    return str(TRANSACTIONS.get(kind, kind))
