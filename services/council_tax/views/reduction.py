"""Council tax reduction: an estimate first, then the application."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from flask.typing import ResponseReturnValue

from portal.kit import current_account, money
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.backoffice.values import Account
from services.council_tax.forms.claims import SendForm
from services.council_tax.forms.claims_of_money import (
    AgeForm,
    ChildrenForm,
    GuaranteeForm,
    IncomeForm,
    OlderForm,
    OthersForm,
    PartnerForm,
    SavingsForm,
)
from services.council_tax.operations.claiming import Claim
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.claims import SCHEME
from services.council_tax.rules.claim_journeys import REDUCTION, Said
from services.council_tax.rules.claim_sums import weekly_before
from services.council_tax.rules.reduction import Award, Circumstances
from services.council_tax.rules.rounding import half_up
from services.council_tax.views.blueprint import bp
from services.council_tax.views.claim_answers import asked_already, choice_of, has_already, since_question, text_of
from services.council_tax.views.claim_pages import AnyForm, Pages, Question, show_start
from services.council_tax.views.claiming import register

YES_NO: Final = {"yes": _l("Yes"), "no": _l("No")}
PROOF: Final = _l("Your last two months of pay slips or benefit letters, and of bank statements, of both partners")


@bp.get("/accounts/<reference>/reduction")
def reduction(reference: str) -> ResponseReturnValue:
    """What it is, and that an estimate comes first."""
    answer = ask_account(current_account(), reference)
    heading = _("Council tax reduction")
    return show_start(PAGES, reference, "reduction", answer=answer, heading=heading, scheme=SCHEME.name)


def circumstances(said: Said) -> Circumstances:
    """The answers in the terms of the rules. Nobody who gets guarantee credit is asked what they have."""
    guarantee = said["pension_age"] == "yes" and said.get("guarantee") == "yes"
    return Circumstances(
        pension_age=said["pension_age"] == "yes",
        couple=said["partner"] == "yes",
        children=int(said["children"]),
        weekly_income=0 if guarantee else said["income"],
        savings=0 if guarantee else said["savings"],
        guarantee_credit=guarantee,
        reached_before_2021=said["pension_age"] == "yes" and said.get("older") == "yes",
        other_adults=int(said["others"]),
    )


def _weekly(found: Account) -> int:
    """A week of the account's council tax before any reduction, pence."""
    return weekly_before(
        found.charge,
        (one.pence for one in found.adjustments if one.kind == "reduction"),
        since_on=found.opened_on,
        until_on=found.closed_on,
        year=found.year,
    )


def _award(claim: Claim, found: Account) -> Award:
    return SCHEME.award(circumstances(claim.said), Fraction(_weekly(found)))


def _estimate(claim: Claim, found: Account | None) -> Sequence[str]:
    """The estimate in sentences: what it is a week, what is left, and what it is not."""
    if found is None:
        return (_("We cannot reach our council tax system at the moment, so we cannot estimate. You can still apply."),)
    award, weekly = _award(claim, found), _weekly(found)
    no_decision = _("This is an example and no decision (%(scheme)s). An officer works it out.", scheme=SCHEME.name)
    match award.outcome:
        case "too_much_saved":
            return (_("By this scheme you have too much in savings to get anything."), _may_apply(), no_decision)
        case "income_too_high":
            return (_("By this scheme your income is too high to get anything."), _may_apply(), no_decision)
    given = half_up(award.weekly_pence)
    return (
        _("You may get about %(amount)s a week.", amount=money(given)),
        _(
            "Your council tax of about %(before)s a week would then be about %(after)s a week.",
            before=money(weekly),
            after=money(max(0, weekly - given)),
        ),
        no_decision,
    )


def _may_apply() -> str:
    return _("You can still apply: an officer decides what counts.")


def _keep_estimate(_form: AnyForm, claim: Claim, found: Account | None) -> Mapping[str, Any]:  # plain JSON
    if found is None:
        return {"seen": True}
    return {"seen": True, "estimate": half_up(_award(claim, found).weekly_pence)}


def _refuse_age(form: AnyForm, claim: Claim, found: Account | None) -> None:
    if sentence := has_already(found, "reduction", "reduction") or asked_already(claim):
        form.refuse(sentence, "pension_age")


def _sum_of(name: str) -> Any:  # a function that shows an answer
    return lambda claim: money(claim.said[name])


def _yes_no(form: Any, label: Any, name: str) -> Question:  # a form of one such question, and its line
    return Question(form, label, choice_of(name, YES_NO))


PAGES: Final = Pages(
    REDUCTION,
    {
        "age": Question(
            AgeForm, _l("Old enough for Pension Credit"), choice_of("pension_age", YES_NO), refuse=_refuse_age
        ),
        "guarantee": _yes_no(GuaranteeForm, _l("Guarantee part of Pension Credit"), "guarantee"),
        "older": _yes_no(OlderForm, _l("Pension age before 1 April 2021"), "older"),
        "partner": _yes_no(PartnerForm, _l("Lives with a partner"), "partner"),
        "children": Question(ChildrenForm, _l("Children"), text_of("children")),
        "others": Question(OthersForm, _l("Other adults in the home"), text_of("others")),
        "income": Question(IncomeForm, _l("Money a week"), _sum_of("income")),
        "savings": Question(SavingsForm, _l("Savings"), _sum_of("savings")),
        "estimate": Question(
            SendForm,
            _l("Your estimate"),
            lambda claim: (
                _("About %(amount)s a week", amount=money(claim.said["estimate"])) if "estimate" in claim.said else ""
            ),
            keep=_keep_estimate,
            notes=_estimate,
        ),
        "since": since_question(),
    },
    check_title=_l("Check your application"),
    button=_l("Apply for council tax reduction"),
    sent_title=_l("You have applied for council tax reduction"),
    what_next=(
        _l("An officer works out what you get and may ask you for more evidence. We tell you what they decide."),
        _l("If you get it, a new bill shows what is left to pay."),
    ),
    against=lambda _claim, found: has_already(found, "reduction", "reduction"),
    proof=lambda _claim: str(PROOF),
)
register(PAGES)
