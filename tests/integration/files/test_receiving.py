import io
import stat
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal import clock
from portal.db.session import session
from portal.errors import NotFound, Refused, SetupError, Unavailable
from portal.files import cleanup
from portal.files.cleaning import clean_apart
from portal.files.cleanup import clean, sweep
from portal.files.models import StoredFileRow
from portal.files.operations import delete_file, forget, keep, receive
from portal.files.queries import everything_about, find_file, get_file
from portal.files.store import Store, open_store, store
from portal.files.values import StoredFile
from tests.support.files import waiting_jobs, work
from tests.support.fixtures import Clock
from tests.support.photos import PAYLOAD, SECRET, located_photo, opened, photo, png_bomb

pytestmark = pytest.mark.usefixtures("room")


def send(account_id: uuid.UUID, data: bytes | None = None, **more: Any) -> StoredFile:
    file = receive(
        io.BytesIO(located_photo() if data is None else data),
        account_id=account_id,
        service="reporting",
        purpose="report",
        **more,
    )
    session().commit()
    return file


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def key_of(file: StoredFile) -> str | None:
    return session().scalars(select(StoredFileRow.key).where(StoredFileRow.id == file.id)).one()


def test_photo_waits_until_the_worker_has_written_it_anew(ada: uuid.UUID, folder: Path) -> None:
    file = send(ada)
    assert (file.state, file.media_type, file.width, file.height) == ("waiting", "image/jpeg", 640, 480)
    assert waiting_jobs() == [("files.clean", {"id": str(file.id)})]
    assert SECRET in kept(folder)[0].read_bytes()
    work()
    ready = get_file(ada, file.id)
    assert (ready.state, ready.media_type, ready.width) == ("ready", "image/jpeg", 640)
    work()  # the discarding of the raw photo, deferred when that was certain
    (left,) = kept(folder)
    assert "clean" in left.parts
    content = left.read_bytes()
    assert len(content) == ready.size
    assert SECRET not in content
    assert not dict(opened(content).getexif())


def test_cleaning_twice_changes_nothing(ada: uuid.UUID, folder: Path) -> None:
    file = send(ada)
    work()
    before, key = get_file(ada, file.id), key_of(file)
    clean(id=str(file.id))
    clean(id=str(uuid.uuid4()))
    assert (get_file(ada, file.id), key_of(file)) == (before, key)


def test_content_of_a_cleaning_that_lost_the_race_is_thrown_away(
    ada: uuid.UUID, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = send(ada)
    real = clean_apart

    def meanwhile(raw: bytes, media_type: str) -> bytes:
        delete_file(ada, file.id)
        return real(raw, media_type)

    monkeypatch.setattr(cleanup, "clean_apart", meanwhile)
    clean(id=str(file.id))
    assert [path for path in kept(folder) if "clean" in path.parts] == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "must be a photo"),
        (PAYLOAD, "must be a photo"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (photo()[:3000], "did not arrive whole"),
        (png_bomb(50_000, 50_000), "50 million"),
        (photo(size=(8, 8)), "too small"),
        (photo() + b"\x00" * (2 * 1024 * 1024), "smaller than 2 MB"),
    ],
)
def test_unfit_file_is_refused_and_leaves_nothing(ada: uuid.UUID, folder: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        send(ada, data)
    assert kept(folder) == []
    assert everything_about(ada) == []


def test_endless_stream_is_cut_off_at_the_limit(ada: uuid.UUID) -> None:
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return b"\xff" * size

    endless = Endless()
    with pytest.raises(Refused, match="smaller than"):
        receive(endless, account_id=ada, service="reporting", purpose="report")
    assert endless.given < 3 * 1024 * 1024


def test_damage_that_only_decoding_shows_refuses_the_photo_later(ada: uuid.UUID, folder: Path) -> None:
    whole = photo("PNG")
    at = whole.index(b"IDAT")
    file = send(ada, whole[: at + 10] + b"\x00" * 200 + whole[at + 210 :])
    work()
    refused = get_file(ada, file.id)
    assert (refused.state, refused.size) == ("refused", 0)
    assert "damaged" in refused.sentence
    work()
    assert kept(folder) == []


def test_photo_whose_content_was_lost_says_so(ada: uuid.UUID, folder: Path) -> None:
    file = send(ada)
    kept(folder)[0].unlink()
    work()
    assert get_file(ada, file.id).reason == "lost"


def test_transaction_that_fails_leaves_content_that_the_sweep_finds(ada: uuid.UUID, folder: Path, at: Clock) -> None:
    send(ada)
    receive(io.BytesIO(photo()), account_id=ada, service="reporting", purpose="report")
    session().rollback()
    assert len(kept(folder)) == 2
    sweep()
    assert len(kept(folder)) == 2  # it might belong to a transaction that is still under way
    at.advance(days=2)
    clean(id=waiting_jobs()[0][1]["id"])
    session().commit()
    sweep()
    session().commit()
    assert [path.parts[-3] for path in kept(folder)] == ["clean"]


def test_photo_that_nobody_could_clean_for_a_day_is_given_up(ada: uuid.UUID, at: Clock) -> None:
    file = send(ada)
    at.advance(hours=25)
    sweep()
    assert get_file(ada, file.id).reason == "lost"


def test_no_connection_is_held_while_the_store_or_the_decoder_works(
    ada: uuid.UUID, room: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def waiting(*values: Any) -> Any:
            held.append(session().in_transaction())
            return real(*values)

        return waiting

    for owner, name in ((Store, "put"), (Store, "find"), (cleanup, "clean_apart")):
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    session().execute(text("select 1"))
    file = send(ada)
    work()
    assert get_file(ada, file.id).state == "ready"
    assert held == [False] * 4


def test_a_file_is_not_taken_in_the_middle_of_a_change(ada: uuid.UUID, folder: Path) -> None:
    receive(io.BytesIO(photo()), account_id=ada, service="reporting", purpose="report")
    with pytest.raises(RuntimeError, match="has written"):
        receive(io.BytesIO(photo()), account_id=ada, service="reporting", purpose="report")
    assert len(kept(folder)) == 1


def test_file_goes_on_its_day_unless_it_is_kept(ada: uuid.UUID, at: Clock) -> None:
    due = clock.today() + timedelta(days=30)
    one, two = send(ada, delete_on=due), send(ada, delete_on=due)
    keep(ada, two.id)
    at.advance(days=32)
    sweep()
    assert find_file(ada, one.id) is None
    assert find_file(ada, two.id) is not None


def test_another_residents_file_does_not_exist(ada: uuid.UUID, bob: uuid.UUID) -> None:
    file = send(ada)
    assert find_file(bob, file.id) is None
    for act in (get_file, delete_file, keep):
        with pytest.raises(NotFound):
            act(bob, file.id)


def test_deleting_and_forgetting_take_the_content_along(ada: uuid.UUID, bob: uuid.UUID, folder: Path) -> None:
    one, _two, others = send(ada), send(ada), send(bob)
    work()
    delete_file(ada, one.id)
    forget(ada)
    session().commit()
    assert everything_about(ada) == []
    assert everything_about(bob)[0]["address"] == f"/files/{others.id}"
    work()
    work()
    assert len(kept(folder)) == 1


def test_store_that_fails_is_unavailable_and_writes_no_row(ada: uuid.UUID, room: Flask, folder: Path) -> None:
    folder.rmdir()
    folder.write_text("a file where the folder was")
    with pytest.raises(Unavailable, match="cannot take files"):
        send(ada)
    assert everything_about(ada) == []


def test_folder_is_for_its_owner_alone_and_one_that_was_there_is_left_as_it_was(folder: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    open_store(str(there))
    assert stat.S_IMODE(there.stat().st_mode) == 0o755


@pytest.mark.parametrize("url", ["/proc/nowhere/files", "ftp://somewhere/files", "s4://bucket"])
def test_address_that_cannot_hold_files_is_named_at_the_start(url: str) -> None:
    with pytest.raises(SetupError, match="MOOTHALL_FILES_URL"):
        open_store(url)


def test_keys_cannot_be_guessed_and_missing_content_is_none(room: Flask) -> None:
    one, two = store().put("raw", b"1"), store().put("raw", b"1")
    assert one != two
    assert len(one.rpartition("/")[2]) >= 32
    assert store().find(one) == b"1"
    assert store().find("raw/2026-01-01/none") is None
    store().discard("raw/2026-01-01/none")
