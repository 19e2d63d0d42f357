"""Every page of a service with a sample is found by its links, and shows something: what `test_routes` relies on."""

from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.values import Account
from portal.registry.discovery import discover
from tests.contracts.test_routes import address, rules
from tests.support.found_things import found_things
from tests.support.things import HAND_MADE


def test_every_page_of_a_service_with_a_sample_is_found(app: Flask, sam: Account, sams: FlaskClient) -> None:
    things = found_things(app, sam, HAND_MADE)
    for each in discover():
        if each.slug in HAND_MADE or each.service.sample is None:
            continue
        found = [rule for rule in rules(app) if rule.endpoint.startswith(f"{each.slug}.") and "GET" in rule.methods]
        answers = {rule.endpoint: sams.get(address(rule, things)).status_code for rule in found}
        assert set(answers.values()) <= {200, 302, 303}, answers
        assert 200 in answers.values()
