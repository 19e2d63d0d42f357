"""Documents as proof: added, checked, handed in, seen by those who may, and deleted on their date."""

import io
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import Fact, Refused, clock, get_case, move_case, session, start_draft
from services.permits.models.permits import Proof
from services.permits.operations.permit_forgetting import claim
from services.permits.operations.proofs import discard_proofs, forget_proofs
from services.permits.queries.case_facts import case_facts
from services.permits.queries.proofs import SentProof, all_proofs_of, proofs_of_draft, purposes_of_draft
from services.permits.rules.permits import Permit
from services.permits.rules.proofs import DOCUMENTS, MOST_OF_A_PURPOSE, PURPOSES, TITLES, UNSENT, words_of
from services.permits.tests.asking import asks, lay_out, sends
from services.permits.workflow import SERVICE
from tests.support.documents import days_of_files, sweep_files
from tests.support.fixtures import Clock
from tests.support.nights import let_go
from tests.support.pdfs import WORDS, pdf
from tests.support.pdfs import words_of as words_in
from tests.support.photos import PAYLOAD, photo, png_bomb
from tests.support.residents import Resident, resident, statements
from tests.support.staff import colleague
from tests.support.worker import work

SCRIPTED = pdf(WORDS, b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>", catalogue=b"/OpenAction 6 0 R")


@pytest.fixture
def portal(_paying_portal: Flask, clean_database: str) -> Flask:
    """The portal with its zones, and no context open: what one request knows is not known to the next."""
    with _paying_portal.test_request_context("/"):
        lay_out()
    return _paying_portal


@pytest.fixture
def holder(portal: Flask) -> Resident:
    """Somebody who asks for a permit."""
    return resident(portal, "Holder")


@pytest.fixture
def neighbour(portal: Flask) -> Resident:
    """Somebody else."""
    return resident(portal, "Neighbour")


@pytest.fixture
def draft_id(portal: Flask, holder: Resident) -> UUID:
    """An application that the holder is making."""
    return drafted(portal, holder, SERVICE)


def drafted(portal: Flask, holder: Resident, service: str) -> UUID:
    with portal.test_request_context("/"):
        made = start_draft(holder.account, service=service, journey="permit").id
        session().commit()
    return made


def page_of(draft_id: UUID, purpose: str = "address") -> str:
    return f"/services/permits/applications/{draft_id}/documents/{purpose}"


def file(data: bytes, name: str = "bill.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def adds(
    holder: Resident, draft_id: UUID, data: bytes = SCRIPTED, *, purpose: str = "address", kind: str = "bank"
) -> SentProof:
    holder.get(page_of(draft_id, purpose))
    holder.post(page_of(draft_id, purpose), kind=kind, document=file(data))
    return proofs(holder, draft_id)[-1]


def proofs(holder: Resident, draft_id: UUID) -> Sequence[SentProof]:
    with holder.client.application.test_request_context("/"):
        return proofs_of_draft(holder.account, draft_id)


def counting(holder: Resident, draft_id: UUID) -> frozenset[str]:
    with holder.client.application.test_request_context("/"):
        return purposes_of_draft(holder.account, draft_id)


def sent(holder: Resident, draft_id: UUID, **more: Any) -> Permit:
    """What becomes of the application; with `proofs` to be read, an officer decides."""
    with holder.client.application.test_request_context("/"):
        return sends(holder.account, asks(**more), proofs=() if more else None, draft=draft_id)


def check(portal: Flask) -> None:
    """The worker looks at what waits."""
    with portal.test_request_context("/"):
        work()


def sweep_at_night(portal: Flask) -> None:
    with portal.test_request_context("/"):
        sweep_files()
        let_go()
        session().commit()


def dates(portal: Flask) -> set[Any]:
    """When files and what is known of them are deleted."""
    with portal.test_request_context("/"):
        return {*days_of_files(), *session().execute(select(Proof.delete_on)).scalars().all()}


def facts_of(holder: Resident, permit: Permit) -> Sequence[Fact]:
    with holder.client.application.test_request_context("/"):
        return case_facts(get_case(holder.account.id, permit.case_id))


TO_READ = frozenset({"address"})


def test_document_is_added_checked_and_counts_for_the_application(
    portal: Flask, holder: Resident, draft_id: UUID
) -> None:
    proof = adds(holder, draft_id)
    assert (proof.purpose, proof.kind, proof.file and proof.file.state) == ("address", "bank", "waiting")
    assert counting(holder, draft_id) == {"address"}
    assert "We are checking it" in holder.get(page_of(draft_id))
    check(portal)
    page = holder.get(page_of(draft_id))
    assert "Bank or credit card statement" in page
    assert f"/files/{proof.file_id}" in page
    given = holder.client.get(f"/files/{proof.file_id}")
    assert words_in(given.data) == WORDS
    assert b"JavaScript" not in given.data
    assert given.headers["Content-Disposition"].startswith("attachment")


def test_nobody_else_sees_adds_or_removes_a_document(
    portal: Flask, holder: Resident, neighbour: Resident, draft_id: UUID
) -> None:
    proof = adds(holder, draft_id)
    check(portal)
    neighbour.get(page_of(draft_id), status=404)
    neighbour.post(page_of(draft_id), status=404, kind="bank", document=file(SCRIPTED))
    neighbour.post(f"/services/permits/documents/{proof.id}/remove", status=404)
    assert neighbour.client.get(f"/files/{proof.file_id}").status_code == 404
    assert proofs(neighbour, draft_id) == []
    assert len(proofs(holder, draft_id)) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PAYLOAD, "must be a PDF or a photo"),
        (b"#!/bin/sh\nexit\n", "must be a PDF or a photo"),
        (b"PK\x03\x04" + bytes(500), "must be a PDF or a photo"),
        (b"%PDF-1.7\nhalf of it", "Save it as a PDF again"),
        (png_bomb(20_000, 10_000), "50 million pixels"),
        (b"", "empty"),
    ],
    ids=["a page", "a script", "an archive", "half", "200 megapixels", "nothing"],
)
def test_what_is_no_document_is_refused_with_what_to_do(
    holder: Resident, draft_id: UUID, data: bytes, words: str
) -> None:
    holder.get(page_of(draft_id))
    (said, *_more) = holder.refused(page_of(draft_id), kind="bank", document=file(data))
    assert words in said
    assert proofs(holder, draft_id) == []


def test_sixty_megabytes_are_refused_with_what_to_do(holder: Resident, draft_id: UUID) -> None:
    holder.get(page_of(draft_id))
    answer = holder.post(page_of(draft_id), status=413, kind="bank", document=file(bytes(60 << 20)))
    assert "too large to send" in answer.get_data(as_text=True)
    assert proofs(holder, draft_id) == []


def test_both_questions_must_be_answered(holder: Resident, draft_id: UUID) -> None:
    holder.get(page_of(draft_id))
    assert holder.refused(page_of(draft_id)) == [
        "Select which document you send",
        "Choose the photo or PDF that you want to send",
    ]
    assert holder.refused(page_of(draft_id), kind="passport", document=file(SCRIPTED))


def test_document_that_turns_out_to_be_none_counts_for_nothing_and_keeps_the_application(
    portal: Flask, holder: Resident, draft_id: UUID
) -> None:
    proof = adds(holder, draft_id, b"%PDF-1.7\nnothing in it\n%%EOF\n")
    check(portal)
    assert counting(holder, draft_id) == frozenset()
    assert "Save it as a PDF again" in holder.get(page_of(draft_id))
    with pytest.raises(Refused, match="cannot be used"):
        sent(holder, draft_id, proofs=TO_READ)
    holder.post(f"/services/permits/documents/{proof.id}/remove")
    adds(holder, draft_id)
    assert sent(holder, draft_id, proofs=TO_READ).status == "asked"


def test_a_few_files_of_a_purpose_and_no_more(holder: Resident, draft_id: UUID) -> None:
    for _each in range(MOST_OF_A_PURPOSE):
        adds(holder, draft_id)
    assert "cannot add more files" in holder.get(page_of(draft_id))
    holder.get(page_of(draft_id, "vehicle"))
    holder.post(page_of(draft_id), status=200, kind="bank", document=file(SCRIPTED))
    assert len(proofs(holder, draft_id)) == MOST_OF_A_PURPOSE
    adds(holder, draft_id, photo(), purpose="vehicle", kind="v5c")


@pytest.mark.parametrize("purpose", ["passport", "ADDRESS", "address/../vehicle"])
def test_purpose_that_there_is_not_is_not_found(holder: Resident, draft_id: UUID, purpose: str) -> None:
    holder.get(page_of(draft_id, purpose), status=404)


def test_draft_of_another_service_takes_no_proof(portal: Flask, holder: Resident) -> None:
    holder.get(page_of(drafted(portal, holder, "reporting")), status=404)
    holder.get(page_of(uuid.uuid4()), status=404)


@pytest.fixture
def asked(portal: Flask, holder: Resident, draft_id: UUID) -> Permit:
    """An application with a document that an officer has to read."""
    adds(holder, draft_id)
    check(portal)
    return sent(holder, draft_id, proofs=TO_READ)


def test_officer_reads_the_document_with_the_case_and_others_do_not(
    portal: Flask, holder: Resident, neighbour: Resident, asked: Permit
) -> None:
    fact = next(fact for fact in facts_of(holder, asked) if fact.file_id)
    assert fact.lines == ["Bank or credit card statement of the last 3 months"]
    case = f"/desk/cases/{asked.reference}"
    path = f"{case}/files/{fact.file_id}"
    officer = colleague(portal, service=SERVICE)
    assert "Bank or credit card statement" in officer.get(case)
    assert words_in(officer.client.get(path).data) == WORDS
    for stranger in (colleague(portal, "Robin", service="reporting"), holder, neighbour):
        assert stranger.client.get(path).status_code != 200
    assert "Bank or credit card statement" in holder.get(f"/cases/{asked.reference}")


def test_sent_document_can_no_longer_be_taken_out(holder: Resident, asked: Permit, draft_id: UUID) -> None:
    (proof,) = proofs(holder, draft_id)
    holder.get("/your-data")
    holder.post(f"/services/permits/documents/{proof.id}/remove", status=409)
    holder.get(page_of(draft_id), status=302)
    assert len(proofs(holder, draft_id)) == 1


def test_documents_are_deleted_so_many_days_after_the_decision(
    portal: Flask, holder: Resident, asked: Permit, at: Clock
) -> None:
    today = clock.today()
    assert min(dates(portal)) > today + timedelta(days=365)  # whoever waits for a decision keeps what it rests on
    with portal.test_request_context("/"):
        move_case(asked.case_id, to="refused", actor="system:permits", channel="system", reason="No.")
        session().commit()
    last = today + timedelta(days=90)
    assert dates(portal) == {last}
    at.move_to(f"{last}T12:00")
    sweep_at_night(portal)
    assert dates(portal) == {last}
    at.advance(days=1)
    sweep_at_night(portal)
    assert dates(portal) == set()
    assert not any(fact.file_id for fact in facts_of(holder, asked))


def test_what_the_rules_decide_starts_the_time_at_once(portal: Flask, holder: Resident, draft_id: UUID) -> None:
    adds(holder, draft_id)
    assert sent(holder, draft_id).status == "to_pay"
    assert dates(portal) == {clock.today() + timedelta(days=90)}


def test_document_that_is_never_sent_goes_after_the_draft(
    portal: Flask, holder: Resident, draft_id: UUID, at: Clock
) -> None:
    adds(holder, draft_id)
    assert dates(portal) == {clock.today() + UNSENT}
    at.advance(days=UNSENT.days + 1)
    sweep_at_night(portal)
    assert dates(portal) == set()


def test_documents_go_with_what_somebody_has_claimed(
    portal: Flask, holder: Resident, neighbour: Resident, asked: Permit
) -> None:
    with portal.test_request_context("/"):
        claim(holder.account.id, neighbour.account)
        session().commit()
        assert all_proofs_of(holder.account) == []
        assert len(all_proofs_of(neighbour.account)) == 1


def test_documents_of_an_application_that_is_given_up_go_at_once(
    portal: Flask, holder: Resident, draft_id: UUID
) -> None:
    adds(holder, draft_id)
    adds(holder, draft_id, photo(), purpose="vehicle", kind="v5c")
    with portal.test_request_context("/"):
        discard_proofs(holder.account, draft_id=draft_id)
        session().commit()
    assert dates(portal) == set()


def test_what_is_known_of_documents_is_exported_and_forgotten(portal: Flask, holder: Resident, asked: Permit) -> None:
    with portal.test_request_context("/"):
        (known,) = all_proofs_of(holder.account)
        assert (known["purpose"], known["kind"]) == ("address", "bank")
        forget_proofs(holder.account)
        session().commit()
        assert all_proofs_of(holder.account) == []


def test_every_purpose_has_words_for_itself_and_its_documents() -> None:
    assert set(TITLES) == set(DOCUMENTS) == set(PURPOSES)
    assert all(len(kind) <= 30 for kinds in DOCUMENTS.values() for kind in kinds)
    assert words_of("address", "a kind of long ago") == "a kind of long ago"


def test_a_second_document_costs_no_query_more(portal: Flask, holder: Resident, draft_id: UUID) -> None:
    seen = []
    for _each in range(2):
        adds(holder, draft_id)
        holder.get(page_of(draft_id))  # which shows the notice
        with statements(portal) as asked_of:
            holder.get(page_of(draft_id))
        seen.append(len(asked_of))
    assert seen[0] == seen[1]
