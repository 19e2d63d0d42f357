"""What programs post that is no form, or not in UTF-8: said to be so, whatever else is wrong, and nothing is kept."""

import io

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.kit import session
from services.reporting.models.reports import Report
from services.reporting.tests.programs import API, HOLE, Program, errors_of, new_key

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
FORMS = f"send a form: Content-Type is {FORM} or multipart/form-data"


@pytest.fixture
def program(context: Flask) -> Program:
    return Program(context.test_client(), new_key(context))


def parts(words: bytes, end: bytes = b"--b--\r\n") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\n' + words + b"\r\n" + end


@pytest.mark.parametrize(
    ("body", "content_type", "status", "sentence"),
    [
        (b"description=caf%E9", f"{FORM}; charset=iso-8859-1", 400, "send it in UTF-8"),
        (b"description=caf\xe9", FORM, 400, "send it in UTF-8"),
        (b"description=%ff%fe%80abc", FORM, 400, "send it in UTF-8"),
        (b"description=%ed%a0%80", FORM, 400, "send it in UTF-8"),
        (parts(b"caf\xe9"), PARTS, 400, "send it in UTF-8"),
        (parts(b"hole", b""), PARTS, 400, "the multipart/form-data cannot be read to its end"),
        (parts(b"hole"), "multipart/form-data", 400, "multipart/form-data without a boundary cannot be read"),
        (b'{"description": "A hole"}', "application/json", 415, FORMS),
        (b"description=hole", "text/plain", 415, FORMS),
        (b"description=hole", "", 415, FORMS),
    ],
    ids=[
        "declared", "raw byte", "no letters", "half a letter", "latin part", "cut off", "no boundary", "json", "text",
        "no type",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_to_be_so(
    program: Program, body: bytes, content_type: str, status: int, sentence: str
) -> None:
    for form in ("xml", "json"):
        address = f"{API}/requests.{form}?api_key={program.key}"
        answer = program.client.post(address, data=body, content_type=content_type)
        assert (answer.status_code, errors_of(answer)) == (status, [(status, sentence)])
    assert session().scalar(select(func.count()).select_from(Report)) == 0


def test_compressed_bodies_are_not_taken(program: Program) -> None:
    answer = program.send("requests.json", {"Content-Encoding": "gzip"}, **HOLE)
    assert errors_of(answer) == [(415, "send it without Content-Encoding")]


def test_other_names_of_utf_8_and_no_body_at_all_are_taken(program: Program) -> None:
    named = program.client.post(
        f"{API}/requests.json?api_key={program.key}",
        data="service_code=pothole&description=caf%C3%A9&lat=51.4927&long=-0.2339",
        content_type=f"{FORM}; charset=utf8",
    )
    assert named.status_code == 200, named.text
    whole = {"api_key": program.key, **HOLE, "description": "All in the address."}
    assert program.client.post(f"{API}/requests.json", query_string=whole).status_code == 200


def test_a_point_on_the_meridian_may_have_an_exponent(program: Program) -> None:
    assert program.report(lat="5.14927E1", long="-2.339e-1")


def test_what_is_too_large_is_told_its_bounds(program: Program) -> None:
    answer = program.send(**HOLE | {"description": "x" * 600_000})
    ((code, sentence),) = errors_of(answer)
    assert code == 413
    assert sentence.startswith("600"), sentence
    assert "a form may have 500000 bytes, and as multipart/form-data " in sentence


def test_what_is_sent_in_chunks_is_bounded_too(context: Flask, program: Program) -> None:
    builder = EnvironBuilder(
        path=f"{API}/requests.json",
        method="POST",
        input_stream=io.BytesIO(f"api_key={program.key}&description={'x' * 600_000}".encode()),
        content_type=FORM,
        headers=Headers({"Transfer-Encoding": "chunked"}),
    )
    environ = builder.get_environ()
    environ["wsgi.input_terminated"] = True
    said, status, _headers = run_wsgi_app(context.wsgi_app, environ)
    assert status.startswith("413"), b"".join(said)


def test_one_fault_is_told_once(program: Program) -> None:
    answer = program.send(**HOLE | {"lat": "5" * 40})
    assert errors_of(answer) == [(400, "lat is longer than 30 characters")]
    long = {"service_request_id": "X", "description": "x" * 5000}
    answer = program.send("servicerequestupdates.json", **long)
    assert errors_of(answer) == [(400, "description is longer than 4000 characters")]
