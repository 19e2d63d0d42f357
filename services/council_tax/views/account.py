"""The account at a glance, where its money goes, its payments, and who is on it."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import clock, current_account, current_account_or_none, public, render
from services.council_tax.backoffice.values import Account
from services.council_tax.queries import accounts
from services.council_tax.queries.asked import waiting_changes
from services.council_tax.queries.bills import ask_account, get_own
from services.council_tax.rules.naming import KINDS, METHODS, adjustment_called
from services.council_tax.rules.years import first_day, last_day
from services.council_tax.views.blueprint import bp
from services.council_tax.views.paying import pay_state
from services.council_tax.views.words import ROLES, STATES, changes_of, next_payment, to_pay, what_next


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """The way in: how to join an account and what needs none, the one account, or the list of several."""
    resident = current_account_or_none()
    records = accounts.own_records(resident) if resident else ()
    if len(records) == 1:
        return redirect(url_for(".account", reference=records[0].key))
    if records:
        return redirect(url_for(".properties"))
    return render("council_tax/index.html")


@bp.get("/accounts/<reference>")
def account(reference: str) -> ResponseReturnValue:
    """What is owed, what comes next and how it is paid, and the way to everything else."""
    resident = current_account()
    answer = ask_account(resident, reference)
    return render(
        "council_tax/account.html",
        reference=reference,
        answer=answer,
        found=answer.value,
        glance=accounts.glance(answer.value) if answer.value else None,
        to_pay=to_pay(answer.value) if answer.value else "",
        next_payment=next_payment(answer.value) if answer.value else "",
        waiting=waiting_changes(resident, reference),
        several=len(accounts.own_records(resident)) > 1,
        methods=METHODS,
        changes=changes_of(answer.value),
        pay=pay_state(reference),
    )


@bp.get("/accounts/<reference>/money")
def money(reference: str) -> ResponseReturnValue:
    """Who gets which part of the charge, and what makes it differ from the band's."""
    answer = ask_account(current_account(), reference)
    found = answer.value
    band_pence = sum(part.pence for part in found.parts) if found else 0
    whole = band_pence + sum(one.pence for one in found.adjustments) if found else 0
    return render(
        "council_tax/money.html",
        reference=reference,
        answer=answer,
        found=found,
        band_pence=band_pence,
        part_of_year=max(0, whole - found.charge) if found and _moved_in_it(found) else 0,
        adjustments=[(adjustment_called(one.kind, one.code), one) for one in found.adjustments] if found else (),
        kinds=KINDS,
    )


def _moved_in_it(account: Account) -> bool:
    """Whether they are liable for a part of the account's year only."""
    began = account.opened_on > first_day(account.year)
    return began or (account.closed_on is not None and account.closed_on <= last_day(account.year))


@bp.get("/accounts/<reference>/instalments")
def instalments(reference: str) -> ResponseReturnValue:
    """Each payment of the year with its state, and what happens next."""
    answer = ask_account(current_account(), reference)
    found = answer.value
    return render(
        "council_tax/instalments.html",
        reference=reference,
        answer=answer,
        found=found,
        glance=accounts.glance(found) if found else None,
        states=STATES,
        what_next=what_next(found, clock.today()) if found else "",
        pay=pay_state(reference),
    )


@bp.get("/accounts/<reference>/people")
def people(reference: str) -> ResponseReturnValue:
    """Who is on the account, what that means for each, and how each gets the bills."""
    resident = current_account()
    mine = get_own(resident, reference).person_key
    answer = ask_account(resident, reference)
    now = accounts.people_now(answer.value) if answer.value else ()
    return render(
        "council_tax/people.html",
        reference=reference,
        answer=answer,
        found=answer.value,
        now=now,
        earlier=[one for one in answer.value.people if one not in now] if answer.value else (),
        mine=mine,
        roles=ROLES,
        together=sum(one.role in ("liable", "joint") for one in now) > 1,
    )
