"""The pages on which a payer types a card and says yes: Pay's own flow, with a notice that no money moves.

As at Pay, the address that leads here works once and begins the payment; after that a cookie of this browser's counts.
"""

import secrets
from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, insert, select, update
from werkzeug.exceptions import Gone, NotFound

from portal import clock
from portal.payments.standin import journey
from portal.payments.standin.cards import OUTCOMES, SUCCESSFUL, card_from, faults_in, outcome_of
from portal.payments.standin.place import place, told
from portal.payments.standin.store import AnyRow, payment, token, visit
from portal.web.headers import origin_of
from portal.web.money import money

bp = Blueprint("pay_pages", __name__, template_folder="templates")

COOKIE: Final = "pay_standin"
_USE = (
    update(token)
    .where(token.c.value == bindparam("given"), token.c.used_at.is_(None))
    .values(used_at=bindparam("at"))
    .returning(token.c.payment_id)
)
_VISITED = (
    select(payment)
    .join(visit, visit.c.payment_id == payment.c.id)
    .where(visit.c.secret == bindparam("secret"), payment.c.id == bindparam("id"))
)


@bp.before_request
def refuse_strangers() -> ResponseReturnValue | None:
    """Only these pages' own forms may write, and the service's own that leads here."""
    own = ("same-origin", "none")
    if request.method == "POST" and request.endpoint != "pay_pages.arrive_by_form":
        return None if request.headers.get("Sec-Fetch-Site", own[0]) in own else ("This came from another site.", 403)
    return None


@bp.after_request
def close(answer: Response) -> Response:
    """Nothing from elsewhere, and in nobody's frame; forms may end where the payer came from."""
    back = origin_of(g.row.return_url) if "row" in g else ""
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {back}; base-uri 'none'; frame-ancestors 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@bp.get("/secure/<given>")
def arrive(given: str) -> ResponseReturnValue:
    """The payer comes, once. A look by HEAD, as scanners of links give, spends nothing."""
    return Response() if request.method == "HEAD" else _begin(given)


@bp.post("/secure")
def arrive_by_form() -> ResponseReturnValue:
    """The same, by a form of the service's."""
    return _begin(request.form.get("chargeTokenId", ""))


@bp.route("/card_details/<payment_id>", methods=["GET", "POST"])
def card(payment_id: str) -> ResponseReturnValue:
    """The payer types a card."""
    row = _row(payment_id)
    if row.status not in ("created", "started"):
        return redirect(url_for(".confirm", payment_id=row.id), 303) if row.status == "submitted" else _ended(row)
    if request.method == "GET":
        return _card_page(row, {"cardholder_name": (row.card or {}).get("cardholder_name", "")}, {})
    typed = {name: value for name, value in request.form.items() if "\0" not in value}
    if faults := faults_in(typed, clock.today()):
        return _card_page(row, typed, faults)
    with place().store.work() as db:
        held = journey.lock(db, row.id)
        assert held is not None, "it was there a moment ago"
        journey.submit(db, held, card_from(typed), outcome_of(typed["card_number"]), told())
    return redirect(url_for(".confirm", payment_id=row.id), 303)


@bp.route("/card_details/<payment_id>/confirm", methods=["GET", "POST"])
def confirm(payment_id: str) -> ResponseReturnValue:
    """The payer sees what will be paid, and says yes."""
    row = _row(payment_id)
    if row.status in ("created", "started"):
        return redirect(url_for(".card", payment_id=row.id), 303)
    if row.status != "submitted":
        return _ended(row)
    if request.method == "GET":
        return _page("confirm", row)
    with place().store.work() as db:
        held = journey.lock(db, row.id)
        assert held is not None, "it was there a moment ago"
        journey.confirm(db, held, told())
    return redirect(row.return_url, 303)


@bp.post("/card_details/<payment_id>/cancel")
def cancel(payment_id: str) -> ResponseReturnValue:
    """The payer would rather not."""
    row = _row(payment_id)
    with place().store.work() as db:
        held = journey.lock(db, row.id)
        assert held is not None, "it was there a moment ago"
        journey.leave(db, held, told())
    return redirect(url_for(".confirm", payment_id=row.id), 303)


@bp.get("/style.css")
def style() -> Response:
    """The pages' looks."""
    return Response(STYLE, mimetype="text/css")


def _begin(given: str) -> ResponseReturnValue:
    secret = secrets.token_urlsafe(32)
    with place().store.work() as db:
        payment_id = db.execute(_USE, {"given": given[:40], "at": clock.now()}).scalar_one_or_none()
        row = journey.lock(db, payment_id) if payment_id else None
        if row is None:
            raise Gone("This address was used before. Go back to the council’s page and choose to pay again.")
        journey.start(db, row, told())
        db.execute(insert(visit), {"secret": secret, "payment_id": row.id})
    answer = make_response(redirect(url_for(".card", payment_id=row.id), 303))
    path = f"{place().path.rstrip('/')}/card_details/{row.id}"  # one cookie for each payment, by its path
    answer.set_cookie(COOKIE, secret, path=path, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def _row(payment_id: str) -> AnyRow:
    """The payment on whose pages this browser is."""
    with place().store.work() as db:
        asked = {"secret": request.cookies.get(COOKIE, ""), "id": payment_id}
        found = db.execute(_VISITED, asked).one_or_none()
    if found is None:
        raise NotFound
    g.row, g.language = found, found.language
    return found


def _card_page(row: AnyRow, typed: Mapping[str, str], faults: Mapping[str, str]) -> ResponseReturnValue:
    cards = {"good": sorted(SUCCESSFUL), "bad": OUTCOMES}
    return _page("card", row, typed=typed, faults=faults, cards=cards, year=clock.today().year + 2)


def _ended(row: AnyRow) -> ResponseReturnValue:
    """What became of it. Who has paid goes straight back, as at Pay."""
    if row.status in ("success", "capturable"):
        return redirect(row.return_url, 303)
    return _page("ended", row)


def _page(name: str, row: AnyRow, **values: object) -> ResponseReturnValue:
    return render_template(f"pay_standin/{name}.html", row=row, amount=money(row.amount), **values)


STYLE = """
body { font: 1.1875rem/1.5 system-ui, sans-serif; color: #0b0c0c; margin: 0 auto; max-width: 44rem; padding: 1rem; }
.notice { border: 3px solid #0b0c0c; padding: .75rem; margin: 0 0 1.5rem; }
.govuk-error-summary { border: 4px solid #b10e1e; padding: 1rem; margin: 0 0 1.5rem; }
.error { color: #b10e1e; font-weight: 700; display: block; }
.govuk-error-summary a { color: #b10e1e; font-weight: 700; }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; }
legend, label { display: block; font-weight: 700; padding: .25rem 0; }
.hint { color: #484949; display: block; }
.choice { font-weight: 400; min-height: 44px; }
input:not([type=radio], [type=checkbox]) { font: inherit; border: 2px solid #0b0c0c; min-height: 44px;
  padding: .25rem .5rem; max-width: 95%; }
input[type=radio], input[type=checkbox] { width: 24px; height: 24px; vertical-align: middle; }
.two { display: flex; gap: 1rem; }
.field { margin: 0 0 1.25rem; }
dt { font-weight: 700; }
dd { margin: 0 0 .75rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { border-bottom: 1px solid #b1b4b6; padding: .5rem 1rem .5rem 0; text-align: left; vertical-align: top; }
button, .go { display: inline-block; font: inherit; background: #00703c; color: #fff; border: 2px solid #00703c;
  padding: .5rem 1rem; min-height: 44px; text-decoration: none; }
button.other { background: #fff; color: #0b0c0c; border-color: #0b0c0c; }
a { color: #1a56a8; }
:focus { outline: 3px solid #0b0c0c; outline-offset: 2px; box-shadow: 0 0 0 2px #fd0; }
"""
