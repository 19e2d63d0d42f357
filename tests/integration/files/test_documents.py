"""Documents: kept out of sight until the worker has scanned them and written them anew."""

import io
import logging
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import ValidationError

from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.files import scanner
from portal.files.cleaning import clean_apart
from portal.files.cleanup import clean
from portal.files.operations import receive
from portal.files.queries import get_content, get_file
from portal.files.scanner import ScannerAway
from portal.files.store import store
from portal.files.values import StoredFile, Unfit
from portal.settings.portal import Settings
from tests.support.clamd import EICAR, PlayedClamd, clamd_running
from tests.support.files import work
from tests.support.pdfs import WORDS, bomb, locked, pdf, picture, words_of
from tests.support.photos import png_bomb

SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
WITH_SCRIPT = pdf(WORDS, SCRIPT, catalogue=b"/OpenAction 6 0 R")


def send(account_id: uuid.UUID, data: bytes) -> StoredFile:
    file = receive(io.BytesIO(data), account_id=account_id, service="permits", purpose="proof", kind="document")
    session().commit()
    return file


def content_of(file: StoredFile) -> bytes:
    key, _digest, media_type = get_content(file.account_id, file.id)
    assert media_type == "application/pdf"
    return store().find(key) or b""


@pytest.mark.usefixtures("room")
def test_document_is_seen_by_nobody_before_it_is_written_anew(ada: uuid.UUID, folder: Path) -> None:
    file = send(ada, WITH_SCRIPT)
    assert (file.state, file.media_type) == ("waiting", "application/pdf")
    with pytest.raises(NotFound):
        get_content(ada, file.id)
    work()
    cleaned = content_of(file)
    assert get_file(ada, file.id).size == len(cleaned)
    assert WORDS in words_of(cleaned)
    assert b"JavaScript" not in cleaned
    work()  # the discarding of what was sent
    assert [path.read_bytes() for path in folder.rglob("*") if path.is_file()] == [cleaned]


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF\n", "could not read"),
        (locked("secret"), "locked with a password"),
        (pdf(WORDS, picture(20_000, 10_000, bomb(1)), resources=b"/XObject << /P 6 0 R >>"), "100 million pixels"),
        (pdf(WORDS, picture(9, 9, bomb(650)), resources=b"/XObject << /P 6 0 R >>"), "unpacks to far more"),
    ],
    ids=["a script", "locked", "200 megapixels", "a bomb"],
)
def test_document_that_is_none_is_refused_with_what_to_do_and_leaves_nothing(
    ada: uuid.UUID, folder: Path, data: bytes, words: str
) -> None:
    file = send(ada, data)
    work()
    refused = get_file(ada, file.id)
    assert (refused.state, refused.size) == ("refused", 0)
    assert words in refused.sentence
    work()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"#!/bin/sh\nrm -rf /\n", "must be a PDF or a photo"),
        (b"<html><script>alert(1)</script></html>", "must be a PDF or a photo"),
        (b"PK\x03\x04" + bytes(100), "must be a PDF or a photo"),
        (b"GIF89a/*%PDF-1.7 %%EOF*/", "must be a PDF or a photo"),
        (png_bomb(20_000, 10_000), "50 million pixels"),
        (b"%PDF-1.7\n" + bytes(3 << 20), "smaller than 2 MB"),
    ],
    ids=["shell", "page", "archive", "picture that says it is a PDF", "200 megapixels", "too large"],
)
def test_what_can_be_seen_to_be_no_document_is_refused_at_once(ada: uuid.UUID, data: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        send(ada, data)


def test_child_cleans_a_document_as_the_function_does_and_says_why_it_does_not() -> None:
    assert WORDS in words_of(clean_apart(WITH_SCRIPT, "application/pdf"))
    with pytest.raises(Unfit, match="broken_pdf"):
        clean_apart(b"%PDF-1.7\n" + b"(" * 100_000 + b"\n%%EOF", "application/pdf")


def test_document_that_takes_too_much_memory_costs_that_document_only() -> None:
    bombs = [picture(9, 9, bomb(70, 2), b"[/LZWDecode /FlateDecode /FlateDecode]") for _each in range(3)]
    names = b" ".join(b"/P%d %d 0 R" % (number, number) for number in range(6, 9))
    with pytest.raises(Unfit, match=r"unpacks|broken_pdf"):
        clean_apart(pdf(WORDS, *bombs, resources=b"/XObject << " + names + b" >>"), "application/pdf")


@pytest.fixture(params=["unix", "tcp"])
def clamd(room: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PlayedClamd]:
    """A scanner, and the application told of it."""
    with clamd_running(tmp_path, tcp=request.param == "tcp") as running:
        room.extensions[scanner.EXTENSION] = running.address
        yield running


def test_what_the_scanner_passes_is_shown_and_it_was_sent_whole(clamd: PlayedClamd, ada: uuid.UUID) -> None:
    large = pdf(WORDS, picture(9, 9, os.urandom(700_000), b"/DCTDecode"))
    file = send(ada, large)
    work()
    assert get_file(ada, file.id).state == "ready"
    assert clamd.seen == [large]


def test_what_the_scanner_finds_is_refused_and_its_name_is_logged(
    clamd: PlayedClamd, ada: uuid.UUID, caplog: pytest.LogCaptureFixture
) -> None:
    file = send(ada, pdf(WORDS, b"(" + EICAR.replace(b"(", b"\\(").replace(b")", b"\\)") + b")") + b"%" + EICAR)
    with caplog.at_level(logging.INFO):
        work()
    assert "scanner found something harmful" in get_file(ada, file.id).sentence
    assert "Eicar-Signature" in caplog.text
    with pytest.raises(NotFound):
        get_content(ada, file.id)


@pytest.mark.parametrize("says", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: lstat() failed. ERROR\0", b"\0"])
def test_scanner_that_does_not_know_keeps_the_file_waiting(clamd: PlayedClamd, ada: uuid.UUID, says: bytes) -> None:
    clamd.says = says
    file = send(ada, pdf())
    with pytest.raises(ScannerAway):
        clean(id=str(file.id))
    session().rollback()
    assert get_file(ada, file.id).state == "waiting"
    clamd.says = b""
    clean(id=str(file.id))
    assert get_file(ada, file.id).state == "ready"


@pytest.mark.parametrize("address", ["unix:///nowhere/clamd.ctl", "tcp://127.0.0.1:1"])
def test_scanner_that_is_away_keeps_the_file_waiting(room: Flask, ada: uuid.UUID, address: str) -> None:
    room.extensions[scanner.EXTENSION] = address
    file = send(ada, pdf())
    with pytest.raises(ScannerAway):
        clean(id=str(file.id))
    session().rollback()
    assert get_file(ada, file.id).state == "waiting"


def test_scanner_that_never_answers_is_not_waited_for(
    room: Flask, ada: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "SECONDS", 0.2)
    file = send(ada, pdf())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        room.extensions[scanner.EXTENSION] = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ScannerAway, match="TimeoutError"):
            clean(id=str(file.id))


@pytest.mark.parametrize("address", ["clamd", "http://127.0.0.1:3310", "tcp://127.0.0.1", "unix:run/clamd.ctl"])
def test_address_of_no_scanner_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ValidationError, match="files_scanner"):
        Settings(secret_key="k" * 32, files_scanner=address, demo=True)
