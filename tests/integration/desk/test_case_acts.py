"""What staff do with a case: by forms that are taken once, offered and refused by rights, and never over each other."""

import io
from datetime import timedelta

from flask import Flask

from portal import clock
from portal.accounts.values import Account
from portal.cases.queries import whole_timeline
from portal.cases.task_queries import tasks_of
from portal.cases.values import Case
from tests.integration.desk.acts import LONG, page_of
from tests.support.desk import do, now, report
from tests.support.photos import photo
from tests.support.staff import Colleague, colleague


def test_a_case_is_taken_put_back_and_passed_on(app: Flask, case: Case, sunita: Colleague, tom: Colleague) -> None:
    sunita.get(page_of(case))
    sunita.client.follow(sunita.client.submit(_to=f"{page_of(case)}/take", version=str(case.version)))
    assert sunita.client.page.notice == "You deal with this case now."
    assert now(app, case).holder_id == sunita.staff.id
    do(sunita, case, "release")
    assert now(app, case).holder_id is None
    do(sunita, case, "pass-on", team="street_lighting", person=str(tom.staff.id), reason="It is a lamp.")
    after = now(app, case)
    assert (after.team, after.holder_id) == ("street_lighting", tom.staff.id)
    assert "It is a lamp." in sunita.client.page.main


def test_what_somebody_else_has_only_a_leader_passes_on(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    do(tom, case, "take")
    sunita.get(f"{page_of(case)}/pass-on", 403)
    version = str(now(app, case).version)
    sunita.post(f"{page_of(case)}/pass-on", 403, team="highways", person="", version=version, reason=LONG)
    assert LONG.splitlines()[1] in sunita.client.page.html
    sunita.post(f"{page_of(case)}/release", 403, version=version)
    assert now(app, case).holder_id == tom.staff.id


def test_a_person_who_may_not_work_for_the_team_is_refused(app: Flask, case: Case, tom: Colleague) -> None:
    lamps = colleague(app, "Lana", role="caseworker", team="street_lighting")
    tom.get(f"{page_of(case)}/pass-on")
    tom.client.submit(team="highways", person=str(lamps.staff.id))
    assert "Lana does not work on cases of this team." in str(tom.client.page.errors)
    tom.get(f"{page_of(case)}/pass-on")
    assert tom.client.submit(team="street_lighting", person=str(lamps.staff.id)).status_code == 303
    assert now(app, case).holder_id == lamps.staff.id


def test_who_gives_a_case_out_of_their_sight_is_led_to_the_start(app: Flask, case: Case) -> None:
    rita = colleague(app, "Rita", role="caseworker", team="highways")
    rita.get(f"{page_of(case)}/pass-on")
    answer = rita.client.submit(team="street_lighting", person="")
    assert answer.location == "/desk"
    assert now(app, case).team == "street_lighting"


def test_a_hold_needs_a_day_ahead_and_a_reason(app: Flask, case: Case, sunita: Colleague) -> None:
    yesterday, later = clock.today() - timedelta(days=1), clock.today() + timedelta(days=20)
    for day, reason, sentence in ((yesterday, "Parts.", "Choose a day after today"), (later, "", "Say why")):
        sunita.get(f"{page_of(case)}/hold")
        sunita.client.submit(**_day(day), reason=reason)
        assert sentence in str(sunita.client.page.errors)
    do(sunita, case, "hold", **_day(later), reason="The parts are ordered.")
    assert now(app, case).is_held
    assert "On hold" in sunita.client.page.main
    do(sunita, case, "resume")
    assert not now(app, case).is_held


def _day(day: object) -> dict[str, str]:
    year, month, number = str(day).split("-")
    return {"until__day": number, "until__month": month, "until__year": year}


def test_a_move_is_made_with_its_reason(app: Flask, case: Case, sunita: Colleague) -> None:
    sunita.get(f"{page_of(case)}/move/no_action")
    sunita.client.submit(reason="")
    assert "Say why: the resident reads it" in str(sunita.client.page.errors)
    sunita.client.submit(reason=LONG)
    after = now(app, case)
    assert after.status == "no_action"
    assert not after.is_open


def test_a_move_that_there_is_not_is_none(app: Flask, case: Case, sunita: Colleague) -> None:
    sunita.get(f"{page_of(case)}/move/no_such", 404)
    for target in ("fixed", "received"):
        sunita.get(f"{page_of(case)}/move/{target}", 303)
        assert "This cannot be done at the stage it has reached." in sunita.get(page_of(case))
    sunita.post(f"{page_of(case)}/move/fixed", 200, version=str(case.version), reason="")
    assert "This cannot be done at the stage it has reached." in str(sunita.client.page.errors)


def test_a_document_is_added_for_staff_alone_and_removed_with_a_reason(
    app: Flask, case: Case, sunita: Colleague
) -> None:
    sunita.get(f"{page_of(case)}/add-document")
    answer = sunita.client.submit(
        title="Invoice", who="staff", _files={"file": (io.BytesIO(photo()), "x.jpg", "image/jpeg")}
    )
    sunita.client.follow(answer)
    assert "Invoice Only staff" in sunita.client.page.main
    remove = sunita.client.page.links()["Remove Invoice"]
    worker = colleague(app, "Will", role="caseworker")
    worker.get(remove, 403)
    sunita.get(remove)
    sunita.client.submit(reason="")
    assert "Say why" in str(sunita.client.page.errors)
    sunita.client.follow(sunita.client.submit(reason="It belongs to another case."))
    assert "No other documents have been added." in sunita.client.page.main


def test_the_resident_is_asked_for_something_and_no_longer(app: Flask, case: Case, sunita: Colleague) -> None:
    for amount in ("twelve", "10,50"):
        sunita.get(f"{page_of(case)}/ask")
        sunita.client.submit(kind="payment", title="Pay for it", amount=amount, pay_url="https://pay.example/1")
        assert "Enter an amount" in str(sunita.client.page.errors)
    sunita.get(f"{page_of(case)}/ask")
    due = clock.today() + timedelta(days=9)
    year, month, day = str(due).split("-")
    typed = {"due__day": day, "due__month": month, "due__year": year, "words": "To find it."}
    do(sunita, case, "ask", kind="document", title="Send a photo", **typed)
    assert "Send a photo Open" in sunita.client.page.main
    with app.test_request_context("/"):
        (task,) = tasks_of(case.id)
    assert (task.kind, task.due_on) == ("document", due)
    assert now(app, case).waits_for == "resident"
    do(sunita, case, f"tasks/{task.id}/withdraw", reason="We found it.")
    assert "No longer asked" in sunita.client.page.main
    assert now(app, case).waits_for == "council"


def test_the_only_form_there_is_is_chosen_already(app: Flask, sam: Account, sunita: Colleague) -> None:
    wall = report(app, sam, category="graffiti")
    sunita.get(f"{page_of(wall)}/ask")
    assert sunita.client.page.form_with("form").values["form"] == ["removal"]
    do(sunita, wall, "ask", kind="form", title="Tell us whose wall it is", words="")
    with app.test_request_context("/"):
        assert [task.form for task in tasks_of(wall.id)] == ["removal"]


def test_who_closes_a_case_reads_what_ends_with_it(app: Flask, case: Case, sunita: Colleague) -> None:
    assert "withdrawn with it" not in sunita.get(f"{page_of(case)}/move/no_action")
    do(sunita, case, "ask", kind="payment", title="Pay £12.50", amount="12.50", pay_url="https://pay.example/1")
    assert "1 thing that the resident was asked for is withdrawn" in sunita.get(f"{page_of(case)}/move/no_action")
    assert "withdrawn with it" not in sunita.get(f"{page_of(case)}/move/with_team"), "which leaves it open"
    do(sunita, case, "move/no_action", reason="Nothing there.")
    assert "Pay £12.50 No longer asked" in sunita.client.page.main


def test_a_task_is_marked_as_done_for_the_counter(app: Flask, case: Case, sunita: Colleague) -> None:
    do(sunita, case, "ask", kind="payment", title="Pay £12.50", amount="12.50", pay_url="https://pay.example/1")
    with app.test_request_context("/"):
        (task,) = tasks_of(case.id)
    assert task.amount == 1250
    do(sunita, case, f"tasks/{task.id}/complete")
    assert "Pay £12.50 Done" in sunita.client.page.main


def test_another_cases_task_or_document_is_none(app: Flask, case: Case, sam: Account, sunita: Colleague) -> None:
    other = report(app, sam, category="graffiti")
    do(sunita, other, "ask", kind="document", title="Send a photo")
    with app.test_request_context("/"):
        (task,) = tasks_of(other.id)
    sunita.get(f"{page_of(case)}/tasks/{task.id}/withdraw", 404)
    sunita.get(f"{page_of(case)}/documents/{task.id}", 404)


def test_a_duplicate_is_merged_after_both_were_seen(
    app: Flask, case: Case, sam: Account, tom: Colleague, sunita: Colleague
) -> None:
    earlier = report(app, sam, words="The very same hole.")
    sunita.get(f"{page_of(case)}/merge", 403)
    tom.get(f"{page_of(case)}/merge")
    assert earlier.reference in tom.client.page.main  # at hand, because it is the same resident's
    tom.client.submit(other="2222-2222")
    assert "There is no such case" in str(tom.client.page.errors)
    tom.client.follow(tom.client.submit(other=earlier.reference.lower()))
    assert "The very same hole." in tom.client.page.main
    assert "A hole as deep as a bucket." in tom.client.page.main
    assert "Both are the same resident’s." in tom.client.page.main
    tom.client.follow(tom.client.submit(reason="You told us of it before."))
    after = now(app, case)
    assert after.merged_into_id == earlier.id
    assert "Merged into" in tom.client.page.main
    assert "Write to the resident" not in tom.client.page.links(), "nobody could answer there"
    tom.get(page_of(earlier))
    assert "Merged into this case" in tom.client.page.main


def test_what_it_cannot_be_merged_into_is_said_before_it_is_confirmed(
    app: Flask, case: Case, sam: Account, tom: Colleague, sunita: Colleague
) -> None:
    closed = report(app, sam)
    do(sunita, closed, "move/no_action", reason="Nothing there.")
    for other, sentence in (
        (case, "A case cannot be merged into itself."),
        (closed, "The other case is closed."),
    ):
        tom.get(f"{page_of(case)}/merge")
        tom.client.submit(other=other.reference)
        assert tom.client.page.errors == [("#other", sentence)]
        path = f"{page_of(case)}/merge/{other.reference}"
        if other is closed:
            tom.get(path, 303)
            tom.get(f"/desk/why/{closed.reference}?next={path}")
            tom.client.follow(tom.client.submit(reason="The resident rang about it."))
        else:
            tom.get(path)
        assert sentence in tom.client.page.main
        assert "Merge them" not in tom.client.page.main


def test_no_merge_into_a_case_that_they_may_not_see(app: Flask, case: Case, sam: Account) -> None:
    lamp = report(app, sam, category="street_light")
    lead = colleague(app, "Lea", role="lead", team="highways")
    lead.get(f"{page_of(case)}/merge")
    lead.client.submit(other=lamp.reference)
    assert "There is no such case" in str(lead.client.page.errors)
    lead.get(f"{page_of(case)}/merge/{lamp.reference}", 404)
    colleague(app, "Lea", role="caseworker", team="street_lighting")
    lead.get(f"{page_of(case)}/merge/{lamp.reference}", 403)
    lead.post(f"{page_of(case)}/merge/{lamp.reference}", 403, version=str(case.version), reason=LONG)
    assert "there is nothing that we can put right" in lead.client.page.html
    assert now(app, case).merged_into_id is None


def test_a_closed_case_is_opened_again_by_who_decides(app: Flask, case: Case, sunita: Colleague) -> None:
    do(sunita, case, "move/no_action", reason="Nothing there.")
    sunita.get(f"{page_of(case)}/reopen")  # it is closed and nobody's, and they have just worked on it
    sunita.client.follow(sunita.client.submit(reason="It is there after all."))
    assert now(app, case).is_open
    assert "It is there after all." in sunita.client.page.main
    with app.test_request_context("/"):
        assert whole_timeline(case.id)[0].desk_what == "Opened again"


def test_a_closed_case_offers_nothing_that_changes_it(app: Flask, case: Case, sunita: Colleague) -> None:
    do(sunita, case, "take")
    do(sunita, case, "move/no_action", reason="Nothing there.")
    main = sunita.client.page.main
    for words in ("Put it on hold", "Pass it on", "Ask the resident", "Take it"):
        assert words not in main
    typed = {"version": str(now(app, case).version), "kind": "document", "title": "Send a photo"}
    sunita.post(f"{page_of(case)}/ask", 200, **typed)
    assert "This case is closed" in str(sunita.client.page.errors)
