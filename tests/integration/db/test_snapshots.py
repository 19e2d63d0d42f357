"""What the database shows bears a name, which changes with everything that anybody writes."""

from flask import Flask
from sqlalchemy import text

from portal.db.session import session
from portal.db.snapshots import snapshot


def name_now(app: Flask) -> str:
    with app.app_context():
        return snapshot()


def test_a_change_gives_what_is_shown_another_name(app: Flask) -> None:
    names = {name_now(app)}
    for _each in range(3):
        with app.app_context():
            session().execute(text("insert into portal.service_switch values ('x', '', '', now())"))
            session().commit()
        names.add(name_now(app))
        with app.app_context():
            session().execute(text("delete from portal.service_switch where slug = 'x'"))
            session().commit()
        names.add(name_now(app))
    assert len(names) == 7


def test_a_change_that_is_not_committed_yet_gives_no_name_to_what_it_shows(app: Flask) -> None:
    with app.app_context():
        session().execute(text("insert into portal.service_switch values ('x', '', '', now())"))
        assert snapshot() == ""
        before = name_now(app)
        session().commit()
        assert snapshot() == ""  # of this request, which began within
    assert name_now(app) != before


def test_one_request_keeps_the_name_of_what_it_was_first_shown(app: Flask) -> None:
    with app.app_context():
        first = snapshot()
        session().execute(text("insert into portal.service_switch values ('x', '', '', now())"))
        session().commit()
        assert snapshot() == first
    assert name_now(app) != first
