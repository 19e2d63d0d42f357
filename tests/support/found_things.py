"""The things of a service that no test knows by name: made by its sample, found by following its links."""

import re
from collections.abc import Collection, Mapping
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from portal.accounts.values import Account
from portal.cases import drafts
from portal.db.session import session
from portal.registry.mount import mounted
from tests.support.people import sign_in

LINK = re.compile(r'(?:href|action)="(/[^"?#]*)')


def found_things(app: Flask, account: Account, known: Collection[str]) -> Mapping[str, str]:
    """What the addresses of services can name, but for those known otherwise: by `<slug>.<name>`, and by endpoint.

    `Sample.fill` makes for the account what there is to find: with one record, that and a draft whose pages are open.
    """
    client, found = app.test_client(), dict[str, str]()
    sign_in(app, client, account)
    # One resident has drafts of every service here: more than any resident may have.
    with app.test_request_context("/"), patch.object(drafts, "MOST_DRAFTS", 100):
        samples = {each.slug: each.service.sample for each in mounted() if each.slug not in known}
        for sample in samples.values():
            if sample is not None and sample.fill is not None:
                sample.fill(account, 1)
        session().commit()
    for slug in samples:
        found |= _walk(app.url_map.bind("localhost"), client, slug)
    return found


def _walk(adapter: MapAdapter, client: FlaskClient, slug: str) -> Mapping[str, str]:
    """Open every page of the service that its pages lead to, and read what their addresses name."""
    front, found = f"/services/{slug}/", dict[str, str]()
    waiting, seen = [front], {front}
    while waiting:
        answer = client.get(waiting.pop(0))
        links = [answer.location] if answer.location else LINK.findall(answer.get_data(as_text=True))
        answer.close()
        for link in dict.fromkeys(links):
            for endpoint, values in _matches(adapter, link):
                for name, value in values.items():
                    found.setdefault(f"{slug}.{name}", str(value))
                    found.setdefault(f"{endpoint}.{name}", str(value))
            if link.startswith(front) and link not in seen:
                seen.add(link)
                waiting.append(link)
    return found


def _matches(adapter: MapAdapter, link: str) -> list[tuple[str, Mapping[str, object]]]:
    """The views that answer at an address, whether it is opened or sent to."""
    found = []
    for method in ("GET", "POST"):
        try:
            found.append(adapter.match(link, method=method))
        except HTTPException:
            continue
    return found
