"""Permits, and applications with every question answered, for the contract of routes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portal import clock
from portal.accounts.values import Account
from portal.cases.drafts import save_answers, start_draft
from portal.db.session import session
from services.permits.rules.application_steps import NOT_LISTED, QUESTIONS, Step
from services.permits.tests import parked

MARK = "PP11PAR"
ZONE = "P"
HOME = {"street": "", "town": "", "postcode": "W14 0AA", "lat": 0.0, "lon": 0.0, "lines": ["1 Far Lane"]}
FACTS = {"registration": MARK, "fuel": "petrol", "co2": 120, "type_approval": "M1", "source": "dvla"}
TODAY = clock.today().isoformat()
ANSWERS: Mapping[Step, Mapping[str, Any]] = {  # what a draft holds
    Step.KIND: {"kind": "resident", "asks_marks": True},
    Step.POSTCODE: {"postcode": "W14 0AA", "found": [{"uprn": "900000000077", "label": "1 Far Lane", **HOME}]},
    Step.HOME: {"home": NOT_LISTED, "proven": True},
    Step.TYPED: {"address": "1 Far Lane", "postcode": "W14 0AA", "zone": ZONE},
    Step.REGISTRATION: {"registration": MARK, "abroad": False, "asked": "found", "facts": FACTS},
    Step.VEHICLE: {"registration": MARK, "facts": FACTS},
    Step.KEEPER: {"keeper": "me"},
    Step.MARKS: {"marks": [], "kind": "resident"},
    Step.START: {"day": TODAY},
    Step.LENGTH: {"length": "12m", "kind": "resident"},
}
FOR_BUSINESS: Mapping[Step, Mapping[str, Any]] = {Step.KIND: {"kind": "business", "asks_marks": False}}


def application_things(account: Account) -> Mapping[str, str]:
    """A permit that can be renewed, with a courtesy car, and applications on the way. Call it after a business is
    there to apply for."""
    permit = parked.permit(account, MARK, zone_code=ZONE, days=20, uprn="900000000078")
    car = parked.lent(permit, "CC11CAR")
    whole, of_business = _draft(account, ANSWERS), _draft(account, FOR_BUSINESS)
    session().commit()
    pages = {f"permits.application_{step}.draft_id": str(whole) for step in QUESTIONS}
    return pages | {
        "permits.application_business.draft_id": str(of_business),
        "permits.application.draft_id": str(whole),
        "permits.application_delete.draft_id": str(whole),
        "permit_id": str(permit.id),
        "car_id": str(car.id),
    }


def _draft(account: Account, answers: Mapping[Step, Mapping[str, Any]]) -> UUID:
    draft = start_draft(account, service="permits", journey="permit")
    for step, said in answers.items():
        save_answers(account, draft.id, step=step, answers=said)
    return draft.id
