"""Applications as residents make them: begun, answered page by page, sent once, or given up."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from portal.kit import (
    Account,
    AddressProof,
    Conflict,
    Draft,
    NotFound,
    Refused,
    TooMany,
    Unavailable,
    discard_draft,
    hold_draft,
    put_in_basket,
    save_answers,
    start_draft,
)
from portal.kit import gettext as _
from services.permits.backoffice.values import VehicleFound
from services.permits.operations.applying import apply
from services.permits.operations.changing import (
    change_address,
    change_vehicle,
    look_at_address,
    look_at_renewal,
    look_at_vehicle,
    renew,
)
from services.permits.operations.paying import PERMIT
from services.permits.operations.proofs import discard_proofs
from services.permits.operations.sending import Outlook, look_ahead
from services.permits.operations.vehicles import look_up_vehicle, possible_mark, possible_mark_abroad
from services.permits.queries.applications import application_drafts, asking_of, kinds_sold, marks_asked, permit_id_of
from services.permits.queries.permits import get_own_permit, get_permit_of_case
from services.permits.rules.application_answers import (
    application_from,
    documents_of,
    home_of,
    keeper_of,
    length_of,
    vehicle_of,
)
from services.permits.rules.application_steps import OF, Asking, Journey, Step, first_missing
from services.permits.rules.lengths import Length
from services.permits.rules.permit_prices import price_for
from services.permits.rules.permits import Permit, Refusal
from services.permits.rules.price_steps import NotPriced
from services.permits.rules.prices import Price
from services.permits.rules.reasons import in_words
from services.permits.rules.registrations import is_possible
from services.permits.rules.vehicles import vehicle_data
from services.permits.workflow import SERVICE

Proofs = Sequence[AddressProof]
ANY_PROOF: Final = frozenset({"address", "vehicle", "carer", "business", "reduction"})
"""As if every document were there: for what would be refused whatever is sent."""


def begin_application(account: Account, *, kind: str = "") -> Draft:
    """Answers to give for a first permit: one that was begun and has no answer yet, or a new one. `kind` answers the
    first question, if it is sold. Raises Refused."""
    empty = (draft for draft in application_drafts(account) if draft.journey == Journey.FIRST and not draft.answers)
    draft = next(empty, None) or start_draft(account, service=SERVICE, journey=Journey.FIRST)
    if kind not in kinds_sold():
        return draft
    return save_answers(account, draft.id, step=Step.KIND, answers=kind_answers(kind))


def kind_answers(kind: str) -> Mapping[str, Any]:  # JSON for a draft
    """What is kept of the first question: the kind, and whether it is asked what makes it cheaper."""
    return {"kind": kind, "asks_marks": bool(marks_asked(kind))}


def begin_change(account: Account, journey: Journey, *, permit_id: UUID, **known: Any) -> Draft:  # JSON values
    """Answers to give for a change of a permit: those that were begun, from whichever device, or new ones.

    `known` is kept with them. Raises NotFound, Refused.
    """
    permit = get_own_permit(account, permit_id)
    begun = _begun(account, journey, permit.id)
    draft = begun[0] if begun else start_draft(account, service=SERVICE, journey=journey)
    about = {"permit": str(permit.id), "kind": permit.kind, **known}
    return save_answers(account, draft.id, step=OF, answers=about)


def give_up(account: Account, *, draft_id: UUID) -> None:
    """Delete what was begun, its documents too. Raises NotFound, Conflict when it was sent."""
    discard_proofs(account, draft_id=draft_id)
    discard_draft(account, draft_id)


def told_vehicle(account: Account, *, registration: str, abroad: bool = False) -> Mapping[str, Any]:  # JSON for a draft
    """The mark, and what DVLA says of it: `facts`, or `asked` "unknown" or "away" where it says nothing.

    One that is said to be from `abroad`, and has a mark as here, is asked about all the same: its applicant may have a
    dearer car than they would say. Call it before anything is written. Raises Refused for a mark that there cannot be.
    """
    mark = possible_mark_abroad(registration) if abroad else possible_mark(registration)
    return {"registration": mark, "abroad": abroad, **_dvla_says(account, mark)}


def _dvla_says(account: Account, mark: str) -> Mapping[str, Any]:  # JSON for a draft
    if not is_possible(mark):
        return {"asked": "unknown"}
    try:
        said = look_up_vehicle(account, registration=mark)
    except (TooMany, Unavailable):
        return {"asked": "away"}
    if not isinstance(said, VehicleFound):
        return {"asked": "unknown"}
    return {"asked": "found", "facts": vehicle_data(said.vehicle) | {"source": "dvla"}}


def priced_lengths(account: Account, asking: Asking, lengths: Sequence[Length]) -> Mapping[Length, Price]:
    """What a first permit would cost for each of these lengths. Raises Refused with the reason if it cannot be had
    whatever documents are sent, NotPriced if none of them has a price."""
    return _each(lengths, lambda length: _priced(account, asking, length))


def renewal_lengths(account: Account, permit_id: UUID, lengths: Sequence[Length]) -> Mapping[Length, Price]:
    """The same for a renewal, whose address may have to be proven again."""

    def price(length: Length) -> Price:
        outlook = look_at_renewal(account, permit_id=permit_id, length=length, documents=ANY_PROOF)
        if outlook.charge is None:
            raise Refused(in_words(outlook.decision.reason) if isinstance(outlook.decision, Refusal) else "")
        return outlook.charge.price

    return _each(lengths, price)


def _each(lengths: Sequence[Length], price: Callable[[Length], Price]) -> Mapping[Length, Price]:
    found: dict[Length, Price] = {}
    problem: NotPriced | None = None
    for length in lengths:
        try:
            found[length] = price(length)
        except NotPriced as no:
            problem = no
    if not found and problem is not None:
        raise problem
    return found


def look_at(account: Account, draft: Draft, asking: Asking, proofs: Proofs) -> Outlook:
    """What would become of an application with all its answers, if it were sent now.

    Raises NotFound; Refused when a permit cannot be changed or has no price; Unavailable without prices.
    """
    answers = asking.answers
    if asking.journey is Journey.FIRST:
        return look_ahead(account, application_from(asking), proofs=proofs)
    permit_id, documents = permit_id_of(draft), documents_of(asking)
    if asking.journey is Journey.VEHICLE:
        vehicle, keeper = vehicle_of(answers), keeper_of(answers)
        return look_at_vehicle(account, permit_id=permit_id, vehicle=vehicle, keeper=keeper, documents=documents)
    if asking.journey is Journey.ADDRESS:
        return look_at_address(
            account, permit_id=permit_id, address=home_of(answers), documents=documents, proofs=proofs
        )
    return look_at_renewal(account, permit_id=permit_id, length=length_of(answers), documents=documents, proofs=proofs)


def send_application(account: Account, *, draft_id: UUID, proofs: Proofs = ()) -> Permit:
    """Send a draft, once; what is then to be paid is put in the basket.

    Raises NotFound; Conflict when an answer is missing; Refused with the reason; TooMany.
    """
    draft = hold_draft(account, draft_id)
    if draft.case_id is not None:
        return get_permit_of_case(draft.case_id)
    asking = asking_of(account, draft)
    if first_missing(asking) is not Step.CHECK:
        raise Conflict(_("Some questions are not answered yet."))
    permit = _send(account, draft, asking, proofs)
    to_basket(account, permit)
    return permit


def renew_at_once(account: Account, *, permit_id: UUID, key: str, proofs: Proofs = ()) -> Permit:
    """Renew a permit without questions, and put what is to be paid in the basket. Questions that were begun about it
    are given up: it is renewed. Raises as `renew`."""
    renewal = renew(account, permit_id=permit_id, key=key, proofs=proofs)
    for draft in _begun(account, Journey.RENEWAL, permit_id):
        give_up(account, draft_id=draft.id)
    to_basket(account, renewal)
    return renewal


def to_basket(account: Account, permit: Permit) -> None:
    """Put what waits to be paid in the basket. A basket that is full stays as it is: the permit's page leads there."""
    if permit.status == "to_pay":
        with suppress(Refused, NotFound):
            put_in_basket(account, service=SERVICE, code=PERMIT, key=str(permit.id))


def _begun(account: Account, journey: Journey, permit_id: UUID) -> Sequence[Draft]:
    """What was begun about a permit and not sent."""
    return [
        draft
        for draft in application_drafts(account)
        if draft.journey == journey and draft.answers.get(OF, {}).get("permit") == str(permit_id)
    ]


def _send(account: Account, draft: Draft, asking: Asking, proofs: Proofs) -> Permit:
    if asking.journey is Journey.FIRST:
        return apply(account, draft_id=draft.id, application=application_from(asking), proofs=proofs)
    answers = asking.answers
    known: dict[str, Any] = {  # arguments that the three share
        "permit_id": permit_id_of(draft),
        "key": str(draft.id),
        "documents": documents_of(asking),
        "draft_id": draft.id,
    }
    if asking.journey is Journey.VEHICLE:
        return change_vehicle(account, vehicle=vehicle_of(answers), keeper=keeper_of(answers), **known)
    if asking.journey is Journey.ADDRESS:
        return change_address(account, address=home_of(answers), proofs=proofs, **known)
    return renew(account, length=length_of(answers), proofs=proofs, **known)


def _priced(account: Account, asking: Asking, length: Length) -> Price:
    application = replace(application_from(asking), length=length, proofs=ANY_PROOF)
    outlook = look_ahead(account, application)
    if isinstance(outlook.decision, Refusal):
        raise Refused(in_words(outlook.decision.reason))
    if outlook.tariff is None or outlook.zone is None:
        raise Refused(in_words("zone_not_named"))
    marks = frozenset(outlook.zone.rules.get("marks", ()))
    return price_for(outlook.tariff, application, zone=outlook.zone.code, number=outlook.number, marks=marks)
