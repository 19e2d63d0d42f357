"""Council tax for the contract of routes: a system that answers, and one of each thing that its addresses name."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from portal import clock
from portal.accounts.values import Account
from portal.cases.drafts import save_answers
from portal.db.session import session
from services.council_tax.backoffice import client
from services.council_tax.backoffice.changes import MoveIn, MoveOut, SetDirectDebit
from services.council_tax.operations.asking import ask_change
from services.council_tax.operations.direct_debit import answer, begin_debit
from services.council_tax.operations.e_billing import set_e_billing
from services.council_tax.operations.how_many import set_how_many
from services.council_tax.operations.moving import begin_move
from services.council_tax.rules.debit_journey import Step
from services.council_tax.rules.move_journey import STEPS, Journey
from services.council_tax.rules.move_journey import Step as MovingStep
from services.council_tax.tests.told import ToldSystem, account, bill, debit
from tests.support.council_tax_claims import claim_things

REFERENCE, PERSON = "80000001", "person-of-things"
"""Those of the joined record of `tests.support.records`."""
SETTINGS = "moothall.settings.council_tax"
ANSWERS = {
    Step.AUTHORITY: "yes",
    Step.PAYER: "S Tester",
    Step.SORT_CODE: "089999",
    Step.ACCOUNT_NUMBER: "66374958",
    Step.DAY: "15",
}

TODAY = clock.today().isoformat()
MOVING: Mapping[MovingStep, Mapping[str, Any]] = {  # what a draft holds
    MovingStep.WHO: {"who": "everybody"},
    MovingStep.LEFT: {"day": TODAY},
    MovingStep.POSTCODE: {"postcode": "W6 9JU", "found": [{"uprn": "2", "label": "2 Larkspur Lane", "band": "E"}]},
    MovingStep.ADDRESS: {"address": "2"},
    MovingStep.DAY: {"day": TODAY},
    MovingStep.NAMES: {"names": ["S Tester"]},
    MovingStep.ADULTS: {"adults": 1},
    MovingStep.TENURE: {"tenure": "owner"},
    MovingStep.FORWARDING: {"line_1": "1 Far Away", "town": "Leeds", "postcode": "LS1 1AA"},
}


@contextmanager
def system_that_answers(app: Flask, patch: pytest.MonkeyPatch) -> Iterator[ToldSystem]:
    """In the place of the council's system, for this person: one account with a bill and a Direct Debit."""
    told = ToldSystem(
        accounts_told={REFERENCE: account(REFERENCE, direct_debit=debit())},
        bills_told={"b-1": bill("b-1", REFERENCE)},
        people={PERSON},
    )
    before = app.extensions[SETTINGS]
    patch.setattr(client, "HttpSystem", lambda _office: told)
    app.extensions[SETTINGS] = before.model_copy(update={"url": "http://localhost:9", "token": SecretStr("a token")})
    yield told
    app.extensions[SETTINGS] = before


def council_tax_things(account: Account) -> Mapping[str, str]:
    """Answers that wait to be sent, and two changes that were. In a request's context, after the record was joined."""
    draft = begin_debit(account, reference=REFERENCE)
    for step, value in ANSWERS.items():
        draft = answer(account, draft, step=step, value=value)
    change = SetDirectDebit(payer_name="S Tester", sort_code="089999", account_number="66374958", day=15)
    sent = ask_change(account, reference=REFERENCE, change=change, case_type="direct_debit", key="of-things")
    moves = _moves(account)
    claims = claim_things(account, REFERENCE)
    chosen = set_e_billing(account, reference=REFERENCE, on=True, key=uuid.uuid4())
    twelve = set_how_many(account, reference=REFERENCE, many=12, key=uuid.uuid4())
    session().commit()
    return {
        "council_tax.reference": REFERENCE,
        "council_tax.draft_id": str(draft.id),
        "council_tax.case_reference": sent.reference,
        "council_tax.e_billing_sent.case_reference": chosen.reference,
        "council_tax.how_many_sent.case_reference": twelve.reference,
        **moves,
        **claims,
        "council_tax.bill_id": "b-1",
        "council_tax.postcode": "W69JU",
    }


def _moves(account: Account) -> Mapping[str, str]:
    """By endpoint, a move of each kind with its questions answered, and two that were sent."""
    ids = {}
    for journey, steps in STEPS.items():
        session().commit()  # to begin asks the council's system, for which no change may wait
        draft = begin_move(account, journey, reference="" if journey is Journey.IN else REFERENCE)
        for step in steps:
            if step in MOVING:
                draft = save_answers(account, draft.id, step=step, answers=MOVING[step])
            ids[f"council_tax.moving_{journey}_{step}.draft_id"] = str(draft.id)
    change = MoveIn(uprn="2", moved_on=clock.today(), names=("S Tester",), adults=1, tenure="owner")
    moved_in = ask_change(account, reference="", change=change, case_type="move", key="moving in")
    leaving = MoveOut(moved_on=clock.today(), forwarding=("1 Far Away", "LS1 1AA"))
    moved = ask_change(account, reference=REFERENCE, change=leaving, case_type="move", key="moving out")
    return ids | {
        "council_tax.moved_in.case_reference": moved_in.reference,
        "council_tax.moved.case_reference": moved.reference,
    }
