"""The fault panel: who may, what a row says in each state, and what the acts do and leave on the audit trail."""

import threading
from collections.abc import Iterator

import pytest
import requests
from flask import Flask
from sqlalchemy import select, text
from werkzeug.serving import make_server

from portal.audit.models import AuditEntry
from portal.backoffices import health
from portal.backoffices.breaker import Breaker
from portal.db.session import session
from portal.desk import office_asking, office_rows
from portal.errors import Unavailable
from portal.registry.discovery import Mounted
from portal.standins.faulty import StandinSays, standin_told, with_faults
from tests.support.faults import misbehave
from tests.support.fixtures import Clock
from tests.support.office import not_met_yet
from tests.support.staff import Colleague, colleague

OFFICES = "/desk/offices"


@pytest.fixture
def ruth(app: Flask) -> Colleague:
    """An administrator."""
    return colleague(app, "Ruth", role="administrator")


@pytest.fixture
def played(clean_database: str) -> Iterator[str]:
    """The address of a system that is played, and does nothing but count."""
    system = Flask("played")
    done: list[str] = []

    @system.post("/v1/things")
    def make() -> dict[str, object]:
        done.append("thing")
        return {"done": len(done), "later": (standin_told().later is not None)}

    @system.get("/v1/things")
    def count() -> dict[str, object]:
        return {"done": len(done)}

    says = {"busy": StandinSays(429, body={"code": "busy"})}
    with_faults(system, clean_database, name="played", title="A system", calls=("/v1/",), says=says)
    server = make_server("127.0.0.1", 0, system, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    misbehave(url)
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def behind_permits(app: Flask, played: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """That system is the one that permits call, as in the demo."""

    def standin(each: Mounted) -> str:
        return played if each.slug == "permits" else ""

    monkeypatch.setattr(office_rows, "standin_of_service", standin)
    return played


def acts(app: Flask) -> list[tuple[str, str, object]]:
    with app.app_context():
        query = select(AuditEntry).where(AuditEntry.act.like("offices.%")).order_by(AuditEntry.id)
        return [(row.act, row.subject, row.details.get("answers")) for row in session().scalars(query)]


def met(app: Flask, *, fault: str = "", opened: bool = False) -> None:
    not_met_yet(app)
    with app.app_context():
        if fault:
            health.note_bad("permits", fault, opened=opened)
        else:
            health.note_good("permits", changed=True)


@pytest.mark.parametrize("role", ["viewer", "lead", "auditor"])
def test_nobody_but_administrators_sees_other_systems(app: Flask, role: str) -> None:
    someone = colleague(app, role, role=role)
    someone.client.check_pages = False
    for path in (OFFICES, f"{OFFICES}/permits"):
        assert someone.client.get(path).status_code == 403
    assert "Other systems" not in someone.client.get("/desk/stay-signed-in").get_data(as_text=True)


def test_each_system_has_a_row_and_none_is_called_for_it(
    app: Flask, ruth: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_rows, "_check_of", lambda _each: pytest.fail("called"))
    page = ruth.get(OFFICES)
    for title in ("Parking permits", "Council tax", "GOV.UK Pay", "Emails, texts and letters", "Addresses", "Sign-in:"):
        assert title in page, title
    assert "Not called yet" in page


def test_a_row_says_how_the_system_was_met(app: Flask, ruth: Colleague, at: Clock) -> None:
    met(app)
    assert "Answers" in ruth.get(f"{OFFICES}/permits")
    at.advance(minutes=2)
    met(app, fault="slow")
    page = ruth.get(f"{OFFICES}/permits")
    assert "Does not answer well" in page
    assert page.count("took too long") == 2, "as the last fault, and in the list"
    met(app, fault="status_503", opened=True)
    page = ruth.get(f"{OFFICES}/permits")
    assert "Left alone for a while" in page
    assert "From then on it was left alone" in page
    assert "Let the next call through" in page


def test_a_system_that_nobody_has_is_not_found(ruth: Colleague) -> None:
    ruth.get(f"{OFFICES}/nothing", 404)
    ruth.post(f"{OFFICES}/permits/faults", 404, answers="down")  # outside the demo nothing is played


@pytest.mark.parametrize(
    ("wrong", "says"),
    [("", "Parking permits answers."), ("The key is refused.", "The key is refused.")],
    ids=["well", "refused"],
)
def test_try_calls_it_and_says_what_came_of_it(
    app: Flask, ruth: Colleague, monkeypatch: pytest.MonkeyPatch, wrong: str, says: str
) -> None:
    monkeypatch.setattr(office_rows, "_check_of", lambda _each: wrong)
    ruth.post(f"{OFFICES}/permits/try")
    assert says in ruth.get(f"{OFFICES}/permits")
    assert acts(app) == [("offices.tried", "office:permits", not wrong)]


def test_a_check_that_hangs_or_breaks_costs_its_own_sentence(app: Flask) -> None:
    ends = threading.Event()

    def hang() -> str:
        ends.wait(10)
        return ""

    def be_away() -> str:
        raise Unavailable("It is away.")

    def break_() -> str:
        raise ValueError

    with app.test_request_context("/"):
        assert office_asking.ask(hang, seconds=0.05) == "It has not answered within 0.05 seconds."
        ends.set()
        assert office_asking.ask(be_away) == "It is away."
        assert "The log says where" in office_asking.ask(break_)


def test_let_try_lets_the_next_call_of_every_process_through(app: Flask, ruth: Colleague) -> None:
    met(app, fault="unreachable", opened=True)
    here, elsewhere = Breaker(opens_after=1), Breaker(opens_after=1)
    for each in (here, elsewhere):
        each.failed()
        assert not each.admits()
    ruth.post(f"{OFFICES}/permits/let-try")
    with app.app_context():
        ago = health.let_ago("permits")
    assert ago < 60
    assert [each.admits(let_ago=min(ago, 1e-9)) for each in (here, elsewhere)] == [True, True]
    assert not here.admits(let_ago=1e-9), "one call finds out, and no more"
    assert acts(app) == [("offices.let_try", "office:permits", None)]


def test_who_let_it_be_tried_before_it_failed_again_is_not_heeded() -> None:
    now = [0.0]
    breaker = Breaker(opens_after=1, now=lambda: now[0])
    breaker.failed()
    now[0] = 5.0
    assert not breaker.admits(let_ago=6.0)
    assert breaker.admits(let_ago=4.0)


def test_send_what_waits_now(app: Flask, ruth: Colleague) -> None:
    ruth.post(f"{OFFICES}/messages/send")
    with app.app_context():
        jobs = session().execute(text("select task_name from jobs.procrastinate_jobs where status = 'todo'")).scalars()
        assert "notify.again" in set(jobs)
    assert [act for act, _subject, _answers in acts(app)] == ["offices.sent_now"]


def test_a_stand_in_is_told_by_its_own_panel(app: Flask, ruth: Colleague, behind_permits: str) -> None:
    assert "Stand-in: Well" in ruth.get(OFFICES)
    ruth.post(f"{OFFICES}/permits/faults", answers="down")
    page = ruth.get(f"{OFFICES}/permits")
    assert "What they send waits." in page
    assert "See what the resident sees" in page
    assert requests.get(f"{behind_permits}/v1/things", timeout=5).status_code == 503
    ruth.post(f"{OFFICES}/permits/faults", answers="loud")
    assert "Choose how it behaves." in ruth.get(f"{OFFICES}/permits")
    assert acts(app) == [("offices.fault_told", "office:permits", "down")]


def test_a_stand_in_that_is_gone_costs_its_own_row(
    app: Flask, ruth: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_rows, "standin_of_service", lambda _each: "http://127.0.0.1:9/standin")
    assert "Its stand-in’s page does not answer" in ruth.get(OFFICES)
    ruth.post(f"{OFFICES}/permits/faults", answers="down")
    assert "It behaves as before." in ruth.get(f"{OFFICES}/permits")
    assert acts(app) == []


@pytest.mark.parametrize(
    ("mode", "reads", "writes"),
    [("right", 200, 200), ("down", 503, 503), ("wrong", 200, 200), ("busy", 429, 429), ("unsaid", 200, 500)],
)
def test_every_stand_in_behaves_alike(played: str, mode: str, reads: int, writes: int) -> None:
    told = requests.put(f"{played}/faults", json={"answers": mode}, timeout=5)
    assert told.json()["answers"] == mode
    read, written = requests.get(f"{played}/v1/things", timeout=5), requests.post(f"{played}/v1/things", timeout=5)
    assert (read.status_code, written.status_code) == (reads, writes)
    assert ("proxy" in read.text) is (mode == "wrong")
    assert requests.get(f"{played}/faults", headers={"Accept": "text/html"}, timeout=5).status_code == 200
    requests.put(f"{played}/faults", json={}, timeout=5)
    done = requests.get(f"{played}/v1/things", timeout=5).json()["done"]
    assert done == (1 if mode in ("right", "unsaid") else 0)


@pytest.mark.parametrize(("mode", "read_waits"), [("slow", True), ("late", False)])
def test_slow_is_late_with_everything_and_late_with_what_it_does(played: str, mode: str, read_waits: bool) -> None:
    requests.put(f"{played}/faults", json={"answers": mode, "seconds": 0.2}, timeout=5)
    read, written = requests.get(f"{played}/v1/things", timeout=5), requests.post(f"{played}/v1/things", timeout=5)
    assert (read.elapsed.total_seconds() >= 0.2) is read_waits
    assert written.elapsed.total_seconds() >= 0.2
    assert written.json() == {"done": 1, "later": mode == "late"}


def test_a_stand_ins_panel_takes_what_makes_sense_and_from_nobody_elsewhere(played: str) -> None:
    url, strange = f"{played}/faults", {"Sec-Fetch-Site": "cross-site"}
    assert requests.put(url, json={"answers": "loud", "more": 1}, timeout=5).json() == {"wrong": ["answers", "more"]}
    assert requests.put(url, data={"answers": "down"}, timeout=5).status_code == 415
    assert requests.post(url, {"answers": "down"}, headers=strange, timeout=5).status_code == 403
    assert requests.post(url, {"answers": "loud"}, timeout=5).status_code == 422
    assert requests.get(url, headers={"Accept": "application/json"}, timeout=5).json()["answers"] == "right"
    page = requests.post(url, {"answers": "down", "seconds": "3"}, headers={"Accept": "text/html"}, timeout=5)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert 'value="down" aria-describedby="about-down" checked' in page.text


def test_faults_are_forgotten_after_a_month(app: Flask, at: Clock) -> None:
    met(app, fault="slow")
    at.advance(days=31)
    with app.app_context():
        assert len(health.faults_of("permits")) == 1
        health.tidy()
        session().commit()
        assert health.faults_of("permits") == []
