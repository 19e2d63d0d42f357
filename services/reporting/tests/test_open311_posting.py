"""What programs post is taken once, or refused with everything that is wrong with it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from werkzeug.wrappers import Response

from portal.kit import Unavailable, fetch_file, gazetteer, get_case, session
from services.reporting.models.reports import Photo, Report
from services.reporting.operations import api_keys, taking
from services.reporting.queries import about
from services.reporting.tests.playing_works import settings_with
from services.reporting.tests.programs import API, HERE, HOLE, Program, errors_of, new_key
from tests.support.fixtures import Clock
from tests.support.office import office_running, says_text
from tests.support.photos import photo
from tests.support.worker import work


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app))


@pytest.fixture
def kept(app: Flask) -> Iterator[Any]:
    """The reports in the database, as a function."""

    def all_of_them() -> list[Report]:
        session().rollback()
        return list(session().scalars(select(Report).order_by(Report.created_at, Report.id)))

    with app.app_context():
        yield all_of_them


def sentences(answer: Any) -> list[str]:
    return [sentence for _code, sentence in errors_of(answer)]


def test_the_answer_is_as_the_standard_has_it(program: Program) -> None:
    answer = program.send(**HOLE)
    (told,) = json.loads(answer.data)
    assert set(told) == {"service_request_id", "service_notice", "account_id"}
    assert told["service_notice"].startswith("We will pass your report to the highways team")
    answer = program.send("requests.xml", **HOLE | {"description": "Another."})
    assert answer.data.startswith(
        b'<?xml version="1.0" encoding="utf-8"?>\n<service_requests><request><service_request_id>'
    )


def test_what_was_posted_is_kept_whole(program: Program, kept: Any) -> None:
    answers = {"attribute[amount]": "van", "attribute[kinds][]": ["furniture", "other"], "attribute[vehicle]": ""}
    program.report(service_code="fly_tipping", description="Sofa & <b>mattress</b>\r\n\x1bbehind", **answers)
    (report,) = kept()
    assert report.description == "Sofa & <b>mattress</b>\r\nbehind"
    assert report.answers == {"amount": "van", "kinds": ["furniture", "other"]}
    assert (report.lat, report.lon, report.channel) == (51.4927, -0.2339, "api")
    assert report.ward
    assert report.api_key_id is not None


def test_an_address_is_enough(program: Program, kept: Any) -> None:
    answer = program.send(service_code="graffiti", address_string="Larkspur Lane, by the bottle banks")
    assert answer.status_code == 200
    (report,) = kept()
    assert (report.place, report.lat) == ("Larkspur Lane, by the bottle banks", None)


def test_an_address_id_is_a_uprn(program: Program, kept: Any, app: Flask) -> None:
    address = gazetteer().by_postcode("W6 9JU")[0]
    assert program.send(service_code="graffiti", address_id=address.uprn).status_code == 200
    (report,) = kept()
    assert (report.uprn, report.lat, report.place) == (address.uprn, address.lat, address.label)
    assert sentences(program.send(service_code="graffiti", address_id="1")) == ["address_id was not found"]


def test_a_danger_is_told_to_telephone_and_kept_all_the_same(program: Program, kept: Any) -> None:
    answer = program.send(service_code="street_light", **HERE, **{"attribute[fault]": "wires"})
    (told,) = json.loads(answer.data)
    assert "020" in told["service_notice"] or "999" in told["service_notice"]
    assert len(kept()) == 1


def test_the_same_post_again_is_the_same_report_for_a_day(program: Program, kept: Any, at: Clock) -> None:
    at.move_to("2026-11-22T23:50")
    first = program.report()
    at.advance(minutes=20)
    assert program.report() == first
    assert program.report(description="Another hole.") != first
    at.move_to("2026-11-24T00:10")
    assert program.report() != first
    assert len(kept()) == 3


def test_an_idempotency_key_counts_for_ever_and_for_its_program_alone(
    app: Flask, program: Program, at: Clock, kept: Any
) -> None:
    at.move_to("2026-11-22T12:00")
    keyed = {"Idempotency-Key": "fixmystreet-4711"}
    first = program.report(keyed)
    at.advance(days=30)
    assert program.report(keyed) == first
    other_words = program.send("requests.json", keyed, **HOLE | {"description": "Edited since."})
    assert (other_words.status_code, errors_of(other_words)[0][0]) == (422, 422)
    other = Program(app.test_client(), new_key(app, ["report"]))
    assert other.report(keyed) != first
    assert len(kept()) == 2


def test_a_post_that_comes_many_times_at_once_is_one_report(app: Flask, program: Program, kept: Any) -> None:
    def send(_number: int) -> str:
        return Program(app.test_client(), program.key).report()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    assert len(kept()) == 1


def test_without_a_key_nothing_is_taken(app: Flask, program: Program, kept: Any) -> None:
    stranger = Program(app.test_client())
    answer = stranger.send(**HOLE)
    assert (answer.status_code, errors_of(answer)) == (403, [(403, "api_key was not provided")])
    stranger.key = "guessed"
    answer = stranger.send("requests.xml", **HOLE)
    assert (answer.status_code, errors_of(answer)) == (403, [(403, "api_key is not one that we know")])
    reader = Program(app.test_client(), new_key(app, ["update"]))
    assert errors_of(reader.send(**HOLE)) == [(403, "api_key is not for this")]
    assert kept() == []


def test_the_key_may_stand_in_the_address_or_in_a_header(app: Flask, program: Program) -> None:
    client = app.test_client()
    assert client.post(f"{API}/requests.json?api_key={program.key}", data=HOLE).status_code == 200
    assert client.post(f"{API}/requests.json", data=HOLE, headers={"X-Api-Key": program.key}).status_code == 200


def test_an_ended_key_opens_nothing(app: Flask, program: Program) -> None:
    with app.app_context():
        api_keys.end_key(api_keys.keys()[0].id)
        session().commit()
    assert program.send(**HOLE).status_code == 403


def test_a_key_has_its_limit_and_says_when_to_come_again(app: Flask, kept: Any) -> None:
    program = Program(app.test_client(), new_key(app, ["report"], posts_an_hour=2))
    assert program.report() != program.report(description="Two.")
    answer = program.send(**HOLE)
    assert (answer.status_code, answer.mimetype) == (429, "application/json")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert len(kept()) == 2


def test_who_guesses_keys_is_not_listened_to(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MOST_WRONG", 2)
    guesser = Program(app.test_client(), "guess")
    assert [guesser.send(**HOLE).status_code for _ in range(3)] == [403, 403, 429]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"service_code": ""}, "service_code was not provided"),
        ({"lat": "", "long": ""}, "provide lat and long, address_string or address_id"),
        ({"long": ""}, "lat and long are needed together"),
        ({"lat": "90", "long": "0"}, "lat and long: This place is outside our area"),
        ({"lat": "50.1", "long": "-10"}, "lat and long: This place is outside our area"),
        ({"lat": "-0.2339", "long": "51.4927"}, "lat: Latitude and longitude are in the wrong order"),
        ({"lat": "north", "long": "west"}, "lat: Enter the latitude as a decimal number"),
        ({"lat": "NaN"}, "lat: Enter the latitude as a decimal number"),
        ({"lat": "1e2"}, "lat: Latitude must be between -90 and 90"),
        ({"lat": "1e2e3"}, "lat: Enter the latitude as a decimal number"),
        ({"lat": "51.60", "long": "-0.22"}, "lat and long: This place is outside our area. Northgate Borough Council"),
        ({"lat": "51.52", "long": "-0.18"}, "lat and long: This place is outside our area."),
        ({"media_url": "http://[::1"}, "media_url is the address of a photo"),
        ({"media_url": "http://x.example/1.jpg,http://x.example/2.jpg"}, "media_url is the address of a photo"),
        ({"media_url": f"https://{'x' * 70}.example/1.jpg"}, "media_url is the address of a photo"),
        ({"lat": "5" * 40}, "lat is longer than 30 characters"),
        ({"description": "x" * 4001}, "description is longer than 4000 characters"),
        ({"attribute[depth]": "abyss"}, "attribute[depth]: Select one of the answers from the list"),
        ({"attribute[depth][a]": "shallow"}, "attribute[depth][a] is not written as attribute[code]"),
        ({f"attribute[odd{n}]": "1" for n in range(51)}, "there are more than 50 answers"),
        ({"attribute[depth]": ["shallow", "deeper"]}, "attribute[depth]: Give one answer only"),
        ({"media_url": "javascript:alert(1)"}, "media_url is the address of a photo"),
        ({"media_url": [f"https://photos.example/{n}" for n in range(1000)]}, "media_url is the address of a photo"),
        ({"first_name": "x" * 101}, "first_name is longer than 100 characters"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_bad_input_is_named_in_the_format_asked_for(
    program: Program, kept: Any, fields: dict[str, Any], sentence: str, form: str
) -> None:
    answer = program.send(f"requests.{form}", **HOLE | fields)
    assert answer.status_code == 400
    told = sentences(answer)
    assert any(each.startswith(sentence) for each in told), told
    assert kept() == []


def test_everything_that_is_wrong_is_told_at_once(program: Program) -> None:
    wrong = {"service_code": "fly_tipping", "lat": "x", "long": "y", "description": "x" * 5000, "attribute[": "1"}
    assert len(sentences(program.send(**wrong))) == 4  # the question about the amount among them


def test_what_no_question_asked_is_kept_for_staff(app: Flask, program: Program, kept: Any) -> None:
    sent = {"attribute[uprn]": "900000000001", "attribute[depth][0]": "shallow", "attribute[easting]": ""}
    reference = program.report(**sent)
    (report,) = kept()
    assert report.answers == {"uprn": "900000000001", "depth": "shallow"}
    with app.app_context():
        case = get_case(report.account_id, report.case_id)
        facts = {fact.label: fact.value for fact in about.case_facts(case)}
    assert facts["Sent along by the program"] == ["uprn: 900000000001"]
    assert "900000000001" not in program.get("requests.json").text, reference


def test_an_unknown_service_is_not_found(program: Program) -> None:
    assert errors_of(program.send(**HOLE | {"service_code": "moon"})) == [(404, "service_code was not found")]


def test_a_service_that_is_switched_off_is_told_so(
    program: Program, monkeypatch: pytest.MonkeyPatch, kept: Any
) -> None:
    monkeypatch.setattr(taking, "is_taken", lambda category: False)
    assert errors_of(program.send(**HOLE)) == [(400, "this service is not offered at the moment")]
    assert kept() == []


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_service_switched_off_after_its_questions_were_read_is_told_so_and_taken_again_later(
    app: Flask, program: Program, kept: Any, form: str
) -> None:
    assert program.json("services/pothole")["service_code"] == "pothole"
    earlier = program.report(description="Before.")
    with settings_with(app, categories_off=frozenset({"pothole"})):
        answer = program.send(f"requests.{form}", **HOLE)
        assert errors_of(answer) == [(400, "this service is not offered at the moment")]
        assert "pothole" not in [each["service_code"] for each in program.json("services")]
        assert errors_of(program.get(f"services/pothole.{form}")) == [(404, "service_code was not found")]
        assert [each["service_request_id"] for each in program.json("requests")] == [earlier]
    assert program.send(f"requests.{form}", **HOLE).status_code == 200
    assert len(kept()) == 2


@pytest.mark.parametrize("form", ["xml", "json"])
def test_ten_megabytes_are_refused_before_they_are_read(program: Program, form: str, kept: Any) -> None:
    answer = program.send(f"requests.{form}", **HOLE | {"description": "x" * 10_000_000})
    assert (answer.status_code, errors_of(answer)[0][0]) == (413, 413)
    assert kept() == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["service_code", "lat", "long", "address_string", "address_id", "description", "attribute[depth]", "phone"]
        ),
        st.text(max_size=60),
    )
)
def test_nothing_that_is_posted_is_a_fault_of_ours(program: Program, fields: dict[str, str]) -> None:
    answer = program.send("requests.xml", **HOLE | fields)
    assert answer.status_code in (200, 400, 404, 429), answer.text
    assert answer.mimetype == "text/xml"


def test_what_was_refused_leaves_nothing_behind(app: Flask, program: Program, kept: Any) -> None:
    program.send(**HOLE | {"description": "x" * 5000})
    assert session().scalar(text("select count(*) from portal.account")) == 0


def test_photos_are_fetched_and_wait_for_a_moderator(program: Program, kept: Any) -> None:
    with office_running() as site:
        site.behaviour = lambda request: {
            "/one.jpg": Response(photo(), mimetype="image/jpeg"),
            "/page": Response("<h1>No photo</h1>", mimetype="text/html"),
        }.get(request.path, Response(status=404))
        program.report(media_url=[f"{site.url}/{name}" for name in ("gone", "one.jpg", "page")])
        work()
        (report,) = kept()
        (found,) = session().scalars(select(Photo))
        assert (found.report_id, found.position, found.moderation) == (report.id, 1, "waiting")
        assert program.json("requests")[0]["media_url"] is None


def test_a_photo_that_cannot_be_reached_is_tried_again(program: Program, kept: Any) -> None:
    with office_running() as site:
        site.does(says_text("", status=503), lambda _request: Response(photo(), mimetype="image/jpeg"))
        program.report(media_url=f"{site.url}/one.jpg")
        with pytest.raises(Unavailable):
            work()
        (report,) = kept()
        session().execute(text("update jobs.procrastinate_jobs set status = 'todo' where task_name like '%fetch%'"))
        work()
        assert session().scalars(select(Photo.report_id)).one() == report.id


def test_one_photo_that_never_comes_does_not_cost_the_others(program: Program, kept: Any, at: Clock) -> None:
    with office_running() as site:
        site.behaviour = lambda _request: Response(photo(), mimetype="image/jpeg")
        program.report(media_url=["http://169.254.169.254/secret", f"{site.url}/one.jpg"])
        at.advance(minutes=5)
        work()
        assert session().scalars(select(Photo.position)).all() == [1]


def test_an_address_within_our_own_network_is_not_fetched(app: Flask) -> None:
    with app.app_context(), pytest.raises(Unavailable):
        fetch_file("http://169.254.169.254/latest/meta-data", most_bytes=1000)
