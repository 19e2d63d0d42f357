"""What a try costs: who has a record of their own loses none by being asked for more."""

from dataclasses import replace

from flask import Flask

from portal.db.session import session
from portal.joining.kinds import EXTENSION
from portal.joining.records import leave_record
from portal.joining.values import Answers, Match
from tests.integration.joining.test_answering import RIGHT
from tests.integration.joining.walking import WITH_FACTS, name_them, tell_facts
from tests.support.records import KIND, SERVICE, TownHall
from tests.support.residents import Resident


def test_who_is_asked_for_facts_twice_has_every_try_back(app: Flask, hall: TownHall, ada: Resident) -> None:
    usual, first = hall.match, hall.facts[WITH_FACTS]

    def by_and_by(answers: Answers) -> Match:
        hall.facts[WITH_FACTS] = {**first} if answers.facts else {"last_payment_pence": first["last_payment_pence"]}
        return usual(answers)

    known = app.extensions[EXTENSION]
    of_account = known[SERVICE, KIND]
    known[SERVICE, KIND] = replace(of_account, kind=replace(of_account.kind, match=by_and_by))
    for _number in range(5):
        name_them(ada, WITH_FACTS, "Carys Tester")
        assert "it is in your account" in tell_facts(ada, **RIGHT)
        with app.app_context():
            leave_record(ada.account, service=SERVICE, kind=KIND, key=WITH_FACTS)
            session().commit()
