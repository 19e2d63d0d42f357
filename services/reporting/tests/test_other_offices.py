"""Open311 servers that do no more than the standard asks: tokens, no idempotency keys, lists by date."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from pydantic import SecretStr
from werkzeug.wrappers import Request, Response

from portal.kit import Refused, session
from services.reporting.operations.asking_tokens import ask_tokens
from services.reporting.operations.passing_on import keep_on_desk, send_again
from services.reporting.queries.stuck import LATE, stuck_reports
from services.reporting.tests.playing_works import settings_with
from services.reporting.tests.programs import Program, new_key
from services.reporting.tests.test_passing_on import STAFF, kept, sent, swept
from tests.support.fixtures import Clock
from tests.support.office import FaultyOffice, office_running
from tests.support.worker import work


@dataclass
class Council:
    """A server that takes all that it is sent, each time anew, and does as `loses`, `tokens` and `refuses` say."""

    jobs: list[dict[str, str]] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)
    loses: int = 0
    """So many answers break after it has done what it was asked."""
    tokens: bool = False
    named: bool = True
    """Whether it says of a token what its id is."""
    refuses: bool = False
    lists: bool = True
    says: str = ""
    """What it answers to every report, in the place of an id."""

    def __call__(self, request: Request) -> Response:
        if request.method == "POST":
            return self._take(request)
        if request.path.startswith("/tokens/"):
            if not self.named:
                return xml("<errors><error><code>404</code><description>Not yet.</description></error></errors>", 404)
            row = f"<service_request_id>N-{request.path[8:-4]}</service_request_id>"
            return xml(f"<service_requests><request>{row}</request></service_requests>")
        if not self.lists:
            return Response("Not here", 404)
        rows = (
            f"<request><service_request_id>N-{number}</service_request_id><description>{job['description']}"
            f"</description><lat>{float(job['lat']):.5f}</lat><long>{float(job['long']):.5f}</long></request>"
            for number, job in enumerate(self.jobs, 1)
        )
        return xml(f"<service_requests>{''.join(rows)}</service_requests>")

    def _take(self, request: Request) -> Response:
        if self.refuses:
            return xml("<errors><error><code>400</code><description>Not ours.</description></error></errors>", 400)
        if request.path.startswith("/servicerequestupdates"):
            self.heard.append(request.form.to_dict())
            return xml("<service_request_updates/>")
        self.jobs.append(request.form.to_dict())
        if self.loses:
            self.loses -= 1
            return Response("Oops", 502)
        if self.says:
            return xml(self.says)
        number = len(self.jobs)
        given = f"<token>{number}</token>" if self.tokens else f"<service_request_id>N-{number}</service_request_id>"
        return xml(f"<service_requests><request>{given}</request></service_requests>")


def xml(written: str, status: int = 200) -> Response:
    return Response(written, status, content_type="text/xml; charset=utf-8")


@pytest.fixture
def office() -> Iterator[FaultyOffice]:
    with office_running() as running:
        yield running


@pytest.fixture
def council(app: Flask, office: FaultyOffice) -> Iterator[Council]:
    """The server to which street lights go."""
    made = Council()
    office.behaviour = made
    with settings_with(app, works_url=office.url, works_key=SecretStr("k")), app.app_context():
        yield made


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app, ["report", "update"]))


def stuck() -> list[str]:
    session().rollback()
    return [each.reason for each in stuck_reports()]


def tokens_asked(at: Clock) -> None:
    at.advance(minutes=5)
    session().rollback()
    ask_tokens()
    session().commit()
    work()
    work()


def says(program: Program, reference: str, words: str) -> None:
    answer = program.send("servicerequestupdates.xml", service_request_id=reference, description=words)
    assert answer.status_code == 200, answer.text
    work()


def test_a_lost_answer_is_asked_for_and_not_sent_again(council: Council, program: Program, at: Clock) -> None:
    council.loses = 3
    report = sent(program)
    assert len(council.jobs) == 1, "not three times in one breath"
    swept(at, 2)
    assert (len(council.jobs), kept(report.reference).external_id) == (1, "N-1")


def test_the_same_words_at_another_place_or_under_a_known_id_are_another_report(
    council: Council, program: Program, at: Clock
) -> None:
    first = sent(program)
    council.loses = 1
    second = sent(program, lat="51.4937", description="The  lamp is out.")
    council.jobs.pop()  # it was not done after all
    swept(at, 2)
    assert (kept(first.reference).external_id, kept(second.reference).external_id) == ("N-1", "N-2")
    assert len(council.jobs) == 2


LONG = f"<service_requests><request><{{0}}>{'N' * 300}</{{0}}></request></service_requests>"
GIVEN = "<service_requests><request><service_request_id>N-1</service_request_id></request></service_requests>"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("<errors><error><code>400</code><description>Not ours.</description></error></errors>", "Not ours."),
        ("<service_requests/>", "no_id_given"),
        ("<html><body>hello</body></html>", "not_open311"),
        (LONG.format("service_request_id"), "id_too_long"),
        (LONG.format("token"), "id_too_long"),
    ],
    ids=["refusal", "no id", "page", "long id", "long token"],
)
def test_a_yes_without_a_name_for_the_report_is_stuck_and_words_wait(
    council: Council, program: Program, answer: str, reason: str
) -> None:
    council.says = answer
    report = sent(program)
    assert (stuck(), report.sent_at, report.external_id) == ([reason], None, None)
    says(program, report.reference, "Still dark.")
    assert council.heard == []


def test_an_id_that_another_report_has_is_stuck(council: Council, program: Program) -> None:
    council.says = GIVEN
    sent(program)
    second = sent(program, description="Another lamp.")
    assert (stuck(), second.sent_at) == (["id_taken"], None)
    keep_on_desk(STAFF, report_id=second.id)
    session().commit()
    assert (kept(second.reference).way, stuck()) == ("desk", [])


def test_an_office_that_lists_nothing_is_sent_it_again_later(council: Council, program: Program, at: Clock) -> None:
    council.loses, council.lists = 1, False
    report = sent(program)
    swept(at, 2)
    assert kept(report.reference).external_id is None, "who cannot be asked is not sent it either"
    council.lists = True
    council.jobs[0]["description"] = "Changed by a moderator"
    swept(at, 5)
    assert (kept(report.reference).external_id, len(council.jobs)) == ("N-2", 2)


def test_a_token_is_asked_with_until_there_is_an_id_and_nothing_is_sent_twice(
    council: Council, program: Program, at: Clock
) -> None:
    council.tokens, council.named = True, False
    report = sent(program)
    assert (report.token, report.external_id, report.sent_at is not None, stuck()) == ("1", None, True, [])
    says(program, report.reference, "Still dark.")
    tokens_asked(at)
    assert (council.heard, stuck()) == ([], [])
    at.advance(hours=LATE.total_seconds() / 3600)
    assert stuck() == ["no_id"]
    council.named = True
    tokens_asked(at)
    after = kept(report.reference)
    assert (after.token, after.external_id, len(council.jobs), stuck()) == (None, "N-1", 1, [])
    assert [each["service_request_id"] for each in council.heard] == ["N-1"], "what was said waited for the id"


def test_words_on_a_stuck_report_wait_for_it(council: Council, program: Program) -> None:
    council.refuses = True
    report = sent(program)
    says(program, report.reference, "Still dark.")
    assert stuck() == ["Not ours."]
    council.refuses = False
    send_again(STAFF, report_id=report.id)
    session().commit()
    work()
    work()
    (heard,) = council.heard
    assert (heard["service_request_id"], heard["description"]) == ("N-1", "Still dark.")
    assert stuck() == []


def test_refused_words_are_stuck_and_sent_again_without_the_report(council: Council, program: Program) -> None:
    report = sent(program)
    council.refuses = True
    says(program, report.reference, "Still dark.")
    assert stuck() == ["Not ours."]
    council.refuses = False
    send_again(STAFF, report_id=report.id)
    session().commit()
    work()
    assert (len(council.jobs), len(council.heard), stuck()) == (1, 1, [])


def test_what_waits_for_hours_is_seen_and_may_be_kept_here(
    council: Council, office: FaultyOffice, program: Program, at: Clock
) -> None:
    office.does(lambda _request: Response("Away", 503))
    report = sent(program)
    assert stuck() == []
    swept(at, 6 * 60 + 1)
    assert stuck() == ["waiting"]
    with pytest.raises(Refused):
        send_again(STAFF, report_id=report.id)
    session().rollback()
    keep_on_desk(STAFF, report_id=report.id)
    session().commit()
    office.behaviour = council
    swept(at, 61)
    after = kept(report.reference)
    assert (after.way, after.stuck, council.jobs, stuck()) == ("desk", "", [], [])
