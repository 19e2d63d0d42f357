import io
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.db.session import session
from portal.files.operations import receive
from tests.support.files import work
from tests.support.photos import opened, photo


@pytest.fixture
def client(room: Flask) -> FlaskClient:
    return room.test_client()


def send(account_id: uuid.UUID) -> uuid.UUID:
    file = receive(io.BytesIO(photo()), account_id=account_id, service="reporting", purpose="report")
    session().commit()
    return file.id


def test_owner_gets_the_photo_as_a_file_that_no_browser_runs(client: FlaskClient, ada: uuid.UUID) -> None:
    file_id = send(ada)
    work()
    answer = client.get(f"/files/{file_id}", headers={"X-Account": str(ada)})
    assert answer.status_code == 200
    assert opened(answer.data).size == (640, 480)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="photo-{file_id.hex[:8]}.jpg"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in answer.headers["Cache-Control"]
    again = client.get(f"/files/{file_id}", headers={"X-Account": str(ada), "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_not_theirs_not_ready_and_not_there_look_the_same(client: FlaskClient, ada: uuid.UUID, bob: uuid.UUID) -> None:
    waiting = send(ada)
    answers = [client.get(f"/files/{waiting}", headers={"X-Account": str(ada)})]
    work()
    answers += [
        client.get(f"/files/{waiting}", headers={"X-Account": str(bob)}),
        client.get(f"/files/{uuid.uuid4()}", headers={"X-Account": str(bob)}),
        client.get(f"/files/{waiting}"),
    ]
    assert {(answer.status_code, answer.data, tuple(answer.headers.items())) for answer in answers} == {
        (404, b"not found", tuple(answers[0].headers.items()))
    }


@pytest.mark.parametrize("path", ["/files/", "/files/1", "/files/../raw", "/files/%2e%2e%2fraw"])
def test_other_addresses_lead_nowhere(client: FlaskClient, ada: uuid.UUID, path: str) -> None:
    assert client.get(path, headers={"X-Account": str(ada)}).status_code == 404


def test_etag_of_another_does_not_open_the_file(client: FlaskClient, ada: uuid.UUID, bob: uuid.UUID) -> None:
    file_id = send(ada)
    work()
    etag = client.get(f"/files/{file_id}", headers={"X-Account": str(ada)}).headers["ETag"]
    answer = client.get(f"/files/{file_id}", headers={"X-Account": str(bob), "If-None-Match": etag})
    assert answer.status_code == 404
