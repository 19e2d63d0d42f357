"""Two requests at the same moment: one saves, the other is told."""

import threading

from flask import Flask

from portal.accounts import profile_changes, queries, rules
from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Conflict
from tests.integration.accounts.conftest import Resident


def test_of_two_saves_at_the_same_moment_one_is_told_of_the_other(ann: Resident, app: Flask) -> None:
    with app.app_context():
        version = rules.version_of(queries.get_profile(ann.account.id), "name")
    together = threading.Barrier(4)
    outcomes: list[str] = []

    def save(account: Account, name: str) -> None:
        with app.app_context():
            together.wait()
            try:
                profile_changes.change_name(
                    account, given_name=name, family_name="Jones", preferred_name="", version=version
                )
                session().commit()
                outcomes.append("saved")
            except Conflict:
                session().rollback()
                outcomes.append("told")

    threads = [threading.Thread(target=save, args=(ann.account, f"Ann {n}")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "told", "told", "told"]
