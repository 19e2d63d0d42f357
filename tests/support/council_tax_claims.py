"""One claim of each kind for the contract of routes: with every question answered, and one that was sent."""

import io
from collections.abc import Mapping
from typing import Any, Final

from portal import clock
from portal.accounts.values import Account
from portal.cases.drafts import save_answers, start_draft
from portal.db.session import session
from services.council_tax.backoffice.changes import (
    AskArrangement,
    Change,
    ClaimBandReduction,
    ClaimDiscount,
    ClaimExemption,
    ClaimReduction,
    ClaimRefund,
    EndDiscount,
)
from services.council_tax.operations.asking import ask_change
from services.council_tax.operations.claiming import add_file, answer_claim, begin_claim, get_claim
from services.council_tax.queries.bills import ask_account
from services.council_tax.rules.claim_journeys import CHECK, DISCOUNT, JOURNEYS
from tests.support.photos import photo

TODAY: Final = clock.today()
SINCE: Final = {"since_on": TODAY.isoformat()}
LOOKED: Final = {"looked": True}
SAID: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {  # what a draft holds
    "discount": {
        "what": {"what": "not_counted"},
        "reason": {"reason": "carer"},
        "who": {"who": "S Tester"},
        "adults": {"adults": "2"},
        "since": SINCE,
        "until": {"until_on": None},
        "evidence": LOOKED,
    },
    "discount_ended": {
        "which": {"which": "a1", "code": "single_person"},
        "last-day": {"ended_on": TODAY.isoformat()},
    },
    "exemption": {
        "lived": {"lived": "no"},
        "reason": {"reason": "F"},
        "since": SINCE,
        "granted": {"granted_on": None},
        "until": {"until_on": None},
        "evidence": LOOKED,
    },
    "band_reduction": {"ground": {"ground": "room"}, "since": SINCE, "evidence": LOOKED},
    "reduction": {
        "age": {"pension_age": "yes"},
        "guarantee": {"guarantee": "no"},
        "older": {"older": "yes"},
        "partner": {"partner": "no"},
        "children": {"children": "0"},
        "others": {"others": "0"},
        "income": {"income": 10000},
        "savings": {"savings": 0},
        "estimate": {"seen": True},
        "since": SINCE,
        "evidence": LOOKED,
    },
    "refund": {
        "amount": {"pence": 100},
        "payee": {"payee_name": "S Tester"},
        "sort-code": {"sort_code": "089999"},
        "account-number": {"account_number": "66374958"},
    },
    "arrangement": {"months": {"months": "6"}, "day": {"day": "5"}, "afford": {"afford": ""}},
}
SENT: Final[Mapping[str, Change]] = {
    "discount": ClaimDiscount(code="care_leaver", since_on=TODAY),
    "discount_ended": EndDiscount(code="care_leaver", ended_on=TODAY),
    "exemption": ClaimExemption(code="B", since_on=TODAY),
    "band_reduction": ClaimBandReduction(code="wheelchair", since_on=TODAY),
    "reduction": ClaimReduction(since_on=TODAY, answers={}),
    "refund": ClaimRefund(pence=1, sort_code="089999", account_number="66374958", payee_name="S Tester"),
    "arrangement": AskArrangement(months=6, day=5),
}


def claim_things(account: Account, reference: str) -> Mapping[str, str]:
    """By endpoint, what its address names. In a request's context, after the record was joined."""
    found = {}
    session().commit()
    ask_account(account, reference)  # so that the questions know what the account is like
    for journey in JOURNEYS:
        claim = begin_claim(account, journey, reference=reference)
        for step, values in SAID[journey.name].items():
            claim = answer_claim(claim, step, values)
        for step in (*SAID[journey.name], CHECK, "remove_file"):
            found[f"council_tax.{journey.name}_{step.replace('-', '_')}.draft_id"] = str(claim.draft.id)
        if "evidence" in SAID[journey.name]:
            session().commit()
            add_file(claim, io.BytesIO(photo()))
            (file_id,) = get_claim(account, journey, reference, claim.draft.id).files
            found[f"council_tax.{journey.name}_remove_file.file_id"] = str(file_id)
        sent = ask_change(
            account,
            reference=reference,
            change=SENT[journey.name],
            case_type=journey.case_type,
            key=f"{journey.name} of things",
        )
        found[f"council_tax.{journey.name}_sent.case_reference"] = sent.reference
    hardship = start_draft(account, service="council_tax", journey=f"{DISCOUNT.name} {reference}")
    save_answers(account, hardship.id, step="what", answers={"what": "hardship"})
    return found | {"council_tax.discount_why.draft_id": str(hardship.id)}
