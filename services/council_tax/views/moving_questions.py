"""The questions about a move, one page each, and the check before it is sent."""

from datetime import date
from typing import Any, Final

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Conflict, Form, Lazy, Refused, TooMany, Unavailable, clock, current_account
from portal.kit import lazy_gettext as _
from services.council_tax.forms.moving import (
    AdultsForm,
    DayForm,
    ForwardingForm,
    HomeForm,
    HomePostcodeForm,
    LeftForm,
    NamesForm,
    TenureForm,
    WhoForm,
)
from services.council_tax.operations.moving import full_name, send_move
from services.council_tax.queries.moving import NewHome, OldHome, find_homes, new_home, old_home
from services.council_tax.rules.charges import BANDS
from services.council_tax.rules.move_checks import APART, too_far_apart, wrong_day
from services.council_tax.rules.move_journey import (
    BEGAN,
    Journey,
    Step,
    day_of,
    everybody,
    find_home,
    path,
)
from services.council_tax.views.moving_pages import Move, go_on, page_of, question, sent_page, show
from services.council_tax.views.moving_words import answered

SAME_HOME: Final[Lazy] = _("This is the home that the account is for already. Choose the new one")


@question(Step.WHO)
def who(move: Move) -> ResponseReturnValue:
    """Everybody on the account, or this person alone."""
    form = WhoForm(move.answers.get(Step.WHO))
    if form.accepted():
        if move.journey is Journey.WITHIN and form.who.data == "me":
            return redirect(url_for(".moving_apart", reference=move.reference))
        return go_on(move, Step.WHO, who=form.who.data)
    return show(move, Step.WHO, form, heading=form.who.text)


@question(Step.LEFT)
def left(move: Move) -> ResponseReturnValue:
    """The day of leaving the old home."""
    form = LeftForm({"day": day_of(Step.LEFT, move.answers)} if Step.LEFT in move.answers else None)
    form.began_on = _began_on(move)
    if form.accepted() and form.day.data:
        return go_on(move, Step.LEFT, day=form.day.data.isoformat())
    return show(move, Step.LEFT, form, heading=form.day.text)


@question(Step.POSTCODE)
def postcode(move: Move) -> ResponseReturnValue:
    """The postcode of the new home, whose homes are kept in the draft."""
    form = HomePostcodeForm(move.answers.get(Step.POSTCODE))
    if form.accepted():
        try:
            found = find_homes(form.postcode.data)
        except (Refused, Unavailable) as error:
            form.refuse(error.sentence, "postcode")
        else:
            return go_on(move, Step.POSTCODE, postcode=form.postcode.data, found=found)
    return show(move, Step.POSTCODE, form, "place", heading=form.postcode.text)


@question(Step.ADDRESS)
def address(move: Move) -> ResponseReturnValue:
    """Which of the homes that were found."""
    form = HomeForm(move.answers.get(Step.ADDRESS))
    form.address.choices = [(home["uprn"], home["label"]) for home in move.answers[Step.POSTCODE]["found"]]
    if form.accepted():
        if form.address.data != move.answers.get(BEGAN, {}).get("uprn"):
            return go_on(move, Step.ADDRESS, address=form.address.data)
        form.refuse(SAME_HOME, "address")
    return show(move, Step.ADDRESS, form, "place", heading=form.address.text)


@question(Step.DAY)
def day(move: Move) -> ResponseReturnValue:
    """The day of moving in."""
    form = DayForm({"day": day_of(Step.DAY, move.answers)} if Step.DAY in move.answers else None)
    if form.accepted() and form.day.data:
        if Step.LEFT not in move.answers or not too_far_apart(day_of(Step.LEFT, move.answers), form.day.data):
            return go_on(move, Step.DAY, day=form.day.data.isoformat())
        form.refuse(
            _(
                "The two days must be %(days)s days apart or fewer. Check both. If they are right, tell us of moving"
                " out and of moving in by themselves",
                days=APART.days,
            ),
            "day",
        )
    return show(move, Step.DAY, form, heading=form.day.text)


@question(Step.NAMES)
def names(move: Move) -> ResponseReturnValue:
    """Everybody who pays."""
    known = move.answers.get(Step.NAMES) or move.answers.get(BEGAN) or {"names": [full_name(current_account())]}
    form = NamesForm({"names": "\n".join(known["names"])})
    if form.accepted():
        return go_on(move, Step.NAMES, names=list(form.found))
    return show(move, Step.NAMES, form, heading=form.names.text)


@question(Step.ADULTS)
def adults(move: Move) -> ResponseReturnValue:
    """How many adults."""
    form = AdultsForm(move.answers.get(Step.ADULTS))
    form.named = len(move.answers[Step.NAMES]["names"])
    if form.accepted():
        return go_on(move, Step.ADULTS, adults=form.found)
    return show(move, Step.ADULTS, form, heading=form.adults.text)


@question(Step.TENURE)
def tenure(move: Move) -> ResponseReturnValue:
    """By what right they live there."""
    form = TenureForm(move.answers.get(Step.TENURE))
    if form.accepted():
        return go_on(move, Step.TENURE, tenure=form.tenure.data)
    return show(move, Step.TENURE, form, heading=form.tenure.text)


@question(Step.FORWARDING)
def forwarding(move: Move) -> ResponseReturnValue:
    """Where to write to from now on."""
    form = ForwardingForm(move.answers.get(Step.FORWARDING))
    if form.accepted():
        return go_on(move, Step.FORWARDING, **{field.name: field.data for field in form})
    return show(move, Step.FORWARDING, form, "forwarding", heading=_("Where do we write to you from now on?"))


@question(Step.CHECK)
def check(move: Move) -> ResponseReturnValue:
    """Everything once more with the estimate; the button sends it."""
    form = Form()
    if wrong := _too_late(move):
        form.refuse(wrong)
    elif form.accepted():
        try:
            case = send_move(current_account(), move.journey, reference=move.reference, draft_id=move.draft.id)
            return redirect(sent_page(move.reference, case))
        except (Conflict, Refused, TooMany) as error:
            form.refuse(error.sentence)
            return _checked(move, form)
    leaves = move.journey is not Journey.IN and everybody(move.answers)
    arrives = move.journey is not Journey.OUT
    return _checked(
        move,
        form,
        leaves=leaves,
        arrives=arrives,
        old=_old(move) if leaves else None,
        new=_new(move) if arrives else None,
    )


def _checked(move: Move, form: Form, **estimates: Any) -> str:  # the template's; none where nothing can be sent
    rows = [
        (label, shown, about, page_of(move.journey, step, move.reference, move.draft))
        for step in path(move.journey, move.answers)
        for label, shown, about in answered(step, move.answers)
    ]
    return show(move, Step.CHECK, form, "check", rows=rows, stays=not everybody(move.answers), estimates=estimates)


def _old(move: Move) -> OldHome | None:
    return old_home(current_account(), move.reference, day_of(Step.LEFT, move.answers))


def _new(move: Move) -> NewHome | None:
    home = find_home(move.answers) or {"band": ""}
    band = next((band for band in BANDS if band == home["band"]), None)
    return new_home(band, day_of(Step.DAY, move.answers), move.answers[Step.ADULTS]["adults"])


def _too_late(move: Move) -> str:
    """Why a day that could be told when it was answered no longer can: the answers may have lain for weeks."""
    today = clock.today()
    days = [(step, _began_on(move) if step is Step.LEFT else None) for step in (Step.LEFT, Step.DAY)]
    told = [(step, began_on) for step, began_on in days if step in path(move.journey, move.answers)]
    return next(
        (wrong for step, began in told if (wrong := wrong_day(day_of(step, move.answers), today, began_on=began))), ""
    )


def _began_on(move: Move) -> date | None:
    opened_on = move.answers.get(BEGAN, {}).get("opened_on")
    return date.fromisoformat(opened_on) if opened_on else None
