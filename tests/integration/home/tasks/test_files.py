"""The page on which a resident sends files."""

import io

from flask import Flask

from portal.cases.documents import documents_of
from portal.cases.values import Case
from tests.integration.home.tasks.asking import PDF, ask, now
from tests.support.photos import photo
from tests.support.residents import Resident
from tests.support.worker import work


def test_files_are_uploaded_one_by_one_removed_and_sent(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document", title="Send your tenancy agreement")
    for name, data in (("a.pdf", PDF), ("b.jpg", photo())):
        sam.post(f"/tasks/{task.id}", file=(io.BytesIO(data), name))
    page = sam.get(f"/tasks/{task.id}")
    assert "File 1: PDF" in page
    assert "getting it ready" in page
    first = now(app, sam, task).file_ids[0]
    sam.post(f"/tasks/{task.id}/files/{first}/remove")
    sam.post(f"/tasks/{task.id}/files/{first}/remove")
    with app.test_request_context("/"):
        work()
    page = sam.get(f"/tasks/{task.id}/check")
    assert "File 1: photo" in page
    sam.post(f"/tasks/{task.id}/check", version=str(now(app, sam, task).version))
    with app.test_request_context("/"):
        (document,) = documents_of(case.id)
        assert (document.title, document.is_ready) == ("Send your tenancy agreement", True)


def test_a_file_that_is_none_is_refused_and_the_others_stay(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document")
    sam.post(f"/tasks/{task.id}", file=(io.BytesIO(PDF), "x.pdf"))
    sam.post(f"/tasks/{task.id}", status=200, file=(io.BytesIO(b"MZ a program"), "x.pdf"))
    assert sam.client.page.errors == [("#file", "The file must be a PDF or a photo (JPEG, PNG or WebP).")]
    assert "File 1: PDF" in sam.client.page.html
    assert sam.refused(f"/tasks/{task.id}") == ["Choose a file"]
    assert len(now(app, sam, task).file_ids) == 1


def test_a_pdf_that_is_not_whole_says_what_to_do(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document")
    sam.post(f"/tasks/{task.id}", status=200, file=(io.BytesIO(b"%PDF-1.7\nhalf of it"), "x.pdf"))
    sentence = "We could not read this file. Save it as a PDF again, or send a photo of it."
    assert sam.client.page.errors == [("#file", sentence)]


def test_no_file_nothing_to_send(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document")
    assert "not uploaded" in sam.get(f"/tasks/{task.id}/check")
    assert sam.refused(f"/tasks/{task.id}/check", version="1") == ["Choose a file first."]
