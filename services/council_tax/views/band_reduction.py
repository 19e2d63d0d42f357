"""Disabled band reduction: one band lower for a home that was changed for somebody with a disability."""

from collections.abc import Sequence
from typing import Final

from flask.typing import ResponseReturnValue

from portal.kit import NotFound, Unavailable, clock, current_account, money
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.backoffice.values import Account, Adjustment
from services.council_tax.forms.claims import GroundForm
from services.council_tax.operations.claiming import Claim
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.published import get_charges
from services.council_tax.rules.band_reduction import GROUNDS, saving
from services.council_tax.rules.claim_journeys import BAND_REDUCTION
from services.council_tax.views.blueprint import bp
from services.council_tax.views.claim_answers import asked_already, choice_of, has_already, since_question
from services.council_tax.views.claim_pages import AnyForm, Pages, Question, show_start
from services.council_tax.views.claiming import register

PROOF: Final = _l("A letter from a doctor, nurse or occupational therapist, and a photo of the room or of the space")


@bp.get("/accounts/<reference>/band-reduction")
def band_reduction(reference: str) -> ResponseReturnValue:
    """What it is, and what it would save."""
    answer = ask_account(current_account(), reference)
    found = answer.value
    held = _held(found) if found else None
    return show_start(
        PAGES,
        reference,
        "band_reduction",
        answer=answer,
        heading=_("Reduction for a disability"),
        held=held and held.since_on,
        band=found and found.property.band,
        saving=_saving(found) if found else None,
    )


def _held(found: Account) -> Adjustment | None:
    today = clock.today()
    own = (one for one in found.adjustments if one.kind == "band_reduction")
    return next((one for one in own if one.until_on is None or one.until_on >= today), None)


def _saving(found: Account) -> int | None:
    """What a whole year would cost less, pence; None while the bands' amounts are not known."""
    try:
        return saving(get_charges(found.year), found.property.band)
    except (NotFound, Unavailable):
        return None


def _refuse_ground(form: AnyForm, claim: Claim, found: Account | None) -> None:
    already = has_already(found, form.ground.data, "band_reduction")
    if sentence := already or asked_already(claim, form.ground.data):
        form.refuse(sentence, "ground")


def _what_it_saves(_claim: Claim, found: Account | None) -> Sequence[str]:
    saved = _saving(found) if found else None
    if saved is None:
        return ()
    return (_("If we agree, a whole year costs about %(amount)s less, before discounts.", amount=money(saved)),)


PAGES: Final = Pages(
    BAND_REDUCTION,
    {
        "ground": Question(
            GroundForm,
            _l("What the home has"),
            choice_of("ground", {one.code: one.title for one in GROUNDS}),
            refuse=_refuse_ground,
        ),
        "since": since_question(),
    },
    check_title=_l("Check what you ask for"),
    button=_l("Ask for the reduction"),
    sent_title=_l("You have asked for a reduction for a disability"),
    what_next=(
        _l("An officer looks at what you sent and may want to see the home. They ask you for a time first."),
        _l("If they agree, you get a new bill. We ask each year whether it still applies."),
    ),
    outcome=_what_it_saves,
    against=lambda claim, found: has_already(found, claim.said["ground"], "band_reduction"),
    proof=lambda _claim: str(PROOF),
)
register(PAGES)
