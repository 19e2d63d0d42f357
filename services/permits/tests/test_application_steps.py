"""The order of an application's questions, whatever was answered in whatever order."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.rules.application_steps import (
    NOT_LISTED,
    OF,
    Asking,
    Journey,
    Step,
    first_missing,
    is_answered,
    may_open,
    path,
    proofs_needed,
    step_after,
    step_before,
)

TODAY: Final = date(2027, 3, 1)
KINDS: Final = ("resident", "visitor", "business", "carer", "temporary")
WHOLE: Final[Mapping[str, Mapping[str, Any]]] = {
    Step.KIND: {"kind": "resident", "asks_marks": True},
    Step.BUSINESS: {"business": "b", "open": False},
    Step.POSTCODE: {"postcode": "W6 9JU", "found": [{"uprn": "1"}]},
    Step.HOME: {"home": "1", "proven": True},
    Step.TYPED: {"address": "The Hut", "postcode": "W6 9JU", "zone": "K"},
    Step.REGISTRATION: {"registration": "AA19AAA"},
    Step.VEHICLE: {"registration": "AA19AAA", "facts": {"source": "dvla"}},
    Step.KEEPER: {"keeper": "me"},
    Step.MARKS: {"marks": [], "kind": "resident"},
    Step.START: {"day": "2027-03-01"},
    Step.LENGTH: {"length": "12m", "kind": "resident"},
}


def asking(changed: Mapping[str, Mapping[str, Any]], sent: frozenset[str] = frozenset()) -> Asking:
    """Everything answered but what is changed."""
    return Asking(Journey.FIRST, {**WHOLE, **changed}, TODAY, sent)


@given(
    st.sampled_from(list(Journey)),
    st.sets(st.sampled_from(sorted(WHOLE))),
    st.sampled_from(KINDS),
    st.sets(st.sampled_from(["address", "vehicle", "carer", "business"])),
)
def test_there_is_always_one_way_on_and_it_ends_with_check(
    journey: Journey, answered: set[str], kind: str, sent: set[str]
) -> None:
    answers = {step: WHOLE[step] for step in answered} | {OF: {"permit": "p", "kind": kind}}
    asked = Asking(journey, answers, TODAY, frozenset(sent))
    steps, missing = path(asked), first_missing(asked)
    assert steps[-1] is Step.CHECK
    assert len(steps) == len(set(steps))
    assert may_open(missing, asked)
    assert all(is_answered(step, asked) for step in steps[: steps.index(missing)])
    assert not any(may_open(step, asked) for step in steps[steps.index(missing) + 1 :])
    assert step_before(steps[0], asked) in (None, Step.CHECK)


@pytest.mark.parametrize(
    ("changed", "open_step"),
    [
        ({Step.POSTCODE: {"postcode": "W14 0AA", "found": [{"uprn": "2"}]}}, Step.HOME),
        ({Step.REGISTRATION: {"registration": "AA19DSL"}}, Step.VEHICLE),
        ({Step.KIND: {"kind": "carer", "asks_marks": True}}, Step.MARKS),
        ({Step.START: {"day": "2027-02-28"}}, Step.START),
        ({}, Step.CHECK),
    ],
    ids=["postcode", "registration", "kind", "yesterday", "nothing"],
)
def test_an_answer_that_another_one_undoes_is_asked_again(changed: dict[str, Any], open_step: Step) -> None:
    assert first_missing(asking(changed)) is open_step


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({}, ()),
        ({Step.HOME: {"home": "1", "proven": False}}, (Step.ADDRESS_PROOF,)),
        ({Step.HOME: {"home": NOT_LISTED, "proven": False}}, (Step.ADDRESS_PROOF,)),
        ({Step.KEEPER: {"keeper": "hired"}}, (Step.VEHICLE_PROOF,)),
        ({Step.VEHICLE: {"registration": "AA19AAA", "facts": {"source": "resident"}}}, (Step.VEHICLE_PROOF,)),
        ({Step.KIND: {"kind": "carer"}}, (Step.CARER_PROOF,)),
        ({Step.KIND: {"kind": "business"}}, (Step.BUSINESS_PROOF,)),
        ({Step.MARKS: {"marks": ["blue_badge"], "kind": "resident"}}, (Step.REDUCTION_PROOF,)),
        ({Step.MARKS: {"marks": ["blue_badge"], "kind": "visitor"}}, ()),
    ],
    ids=["known", "not proven", "typed", "hired", "not at DVLA", "carer", "business", "cheaper", "cheaper otherwise"],
)
def test_what_no_record_shows_is_shown_by_documents(changed: dict[str, Any], needed: tuple[Step, ...]) -> None:
    assert proofs_needed(asking(changed)) == needed


def test_a_document_that_was_sent_leads_on_to_check() -> None:
    asked = asking({Step.KEEPER: {"keeper": "hired"}}, frozenset({"vehicle"}))
    assert step_after(Step.KEEPER, asked) is Step.CHECK
