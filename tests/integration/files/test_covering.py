"""Parts of a photo are painted over for others; the photo itself stays as it was sent."""

import io
import uuid

import pytest
from flask import Flask

from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.files.covering import Part, cover
from portal.files.operations import forget, receive
from portal.files.queries import find_file, get_content
from portal.files.store import store
from tests.support.files import work
from tests.support.photos import opened, photo

pytestmark = pytest.mark.usefixtures("room")
TOP_LEFT = Part(0, 0, 500, 500)


def sent(account_id: uuid.UUID) -> uuid.UUID:
    file = receive(io.BytesIO(photo()), account_id=account_id, service="reporting", purpose="photo")
    session().commit()
    return file.id


def pixel(account_id: uuid.UUID, file_id: uuid.UUID) -> tuple[int, ...]:
    content = store().find(get_content(account_id, file_id)[0])
    assert content
    found = opened(content).getpixel((100, 100))
    assert isinstance(found, tuple)
    return found


def test_the_copy_is_covered_and_ready_and_the_photo_is_as_before(room: Flask, ada: uuid.UUID) -> None:
    file_id = sent(ada)
    work()
    copy = cover(ada, file_id, parts=[TOP_LEFT], actor="staff:1")
    session().commit()
    assert (copy.state, copy.account_id, copy.width, copy.height) == ("ready", ada, 640, 480)
    assert max(pixel(ada, copy.id)) < 10
    assert max(pixel(ada, file_id)) > 190
    forget(ada)
    assert find_file(ada, copy.id) is None


def test_what_is_not_theirs_or_not_ready_is_not_found(ada: uuid.UUID, bob: uuid.UUID) -> None:
    file_id = sent(ada)
    with pytest.raises(NotFound):
        cover(ada, file_id, parts=[TOP_LEFT], actor="staff:1")
    work()
    with pytest.raises(NotFound):
        cover(bob, file_id, parts=[TOP_LEFT], actor="staff:1")
    with pytest.raises(Refused):
        cover(ada, file_id, parts=[], actor="staff:1")
