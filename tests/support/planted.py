"""A good small service, as `moothall service new` writes it, and faults to plant in it, each of one rule."""

import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.registry.discovery import Mounted, load
from portal.scaffold.writing import NewService, write_service

SLUG: Final = "hedges"


@dataclass(frozen=True)
class Fault:
    """What is changed in which file, and which check says what of it. `also` says it too, and with reason.

    `old` is replaced by `new`; an empty `old` is the end of the file.
    """

    name: str
    check: str
    says: str
    changes: Sequence[tuple[str, str, str]]
    also: frozenset[str] = frozenset()


INDEX, CHECK, SENT, DELETE = (f"templates/{SLUG}/{name}.html" for name in ("index", "check", "sent", "delete"))
END: Final = "{% endblock %}\n"

TOGETHER: Final = (
    Fault("an old contract", "manifest", "`contract` is 2.0", [("service.py", 'contract="2.1"', 'contract="2.0"')]),
    Fault(
        "a way past the door",
        "floors",
        "it imports portal.accounts.models",
        [("rules.py", "", "import portal.accounts.models\n")],
    ),
    Fault(
        "a page that asks tables itself",
        "floors",
        "it imports `models`",
        [("views.py", "", "import {package}.models\n")],
    ),
    Fault(
        "a page that nothing leads to",
        "reached",
        "no link and no form led to /services/hedges/hidden",
        [("views.py", "", '@bp.get("/hidden")\ndef hidden() -> str:\n    """Seen by nobody."""\n    return index()\n')],
    ),
    Fault(
        "a form that only script can send",
        "reached",
        "has no button",
        [
            (
                DELETE,
                '{{ button(_("Delete it"), kind="warning", once=true) }}',
                '{% if false %}{{ _("Delete it") }}{% endif %}',
            )
        ],
    ),
    Fault(
        "another's record is shown",
        "others",
        "another resident is shown it",
        [("queries.py", "_ONE: Final = _OWN.where(", "_ONE: Final = select(*_COLUMNS).where(")],
    ),
    Fault(
        "looking that writes",
        "get",
        "a GET writes: UPDATE hedges.request",
        [
            (
                "views.py",
                "    account = current_account()\n    drafts,",
                "    account = current_account()\n"
                "    operations._execute(operations._FOLLOW, case=UUID(int=0), now='x', closed=None)\n    drafts,",
            )
        ],
    ),
    Fault(
        "a form without its token",
        "csrf",
        "a form without a token was answered with",
        [("views.py", "", 'begin.__dict__["csrf_exempt"] = True\n')],
    ),
    Fault("markup that is not closed", "html", "HTML: line", [(DELETE, "</form>", "</form></section>")]),
    Fault(
        "a title of another page",
        "html",
        "does not start with the heading 'Request sent",
        [(SENT, '{% block title %}{{ _("Request sent") }}', '{% block title %}{{ _("Your requests") }}')],
    ),
    Fault(
        "a text that has no Welsh",
        "welsh",
        "missing: 'Brand new words'",
        [(DELETE, "</form>", '</form><p class="govuk-body">{{ _("Brand new words") }}</p>')],
    ),
    Fault(
        "English in the template",
        "welsh",
        "it says in Welsh too: 'This is for you alone.'",
        [(CHECK, "</form>", '</form><p class="govuk-body">This is for you alone.</p>')],
    ),
    Fault(
        "a data file that leaves things out",
        "export",
        "says nothing of a row in `request`",
        [("queries.py", 'session().execute(_ALL, {"account": account.id})\n        ]', "()\n        ]")],
    ),
    Fault(
        "forgetting that forgets nothing",
        "forget",
        "rows still name them",
        [("operations.py", "    _execute(_FORGET, account=account.id)", "    _ = account")],
    ),
    Fault(
        "keeping without an end",
        "retention",
        "of what is over still name somebody",
        [("operations.py", "        _execute(_LET_GO, ids=ids)\n    return len(ids)", "        pass\n    return 0")],
    ),
    Fault(
        "demo data that grow",
        "demo",
        "loading the demo data twice makes",
        [("demo.py", "uuid5(DEMO, str(number))", "uuid4()")],
    ),
    Fault(
        "a way back that is missing",
        "migrations",
        "going down leaves request behind",
        [("migrations/0001_requests.py", 'op.drop_table("request", schema=SCHEMA)', "pass")],
    ),
    Fault(
        "a list with something else in it",
        "axe",
        "axe: list",
        [
            (
                SENT,
                '<p class="govuk-body"><a class="govuk-link" href="{{ request.path }}">',
                '<ul class="govuk-list"><p>x</p></ul>\n'
                '<p class="govuk-body"><a class="govuk-link" href="{{ request.path }}">',
            )
        ],
    ),
    Fault(
        "something wider than a phone",
        "phone",
        "sticks out at 320 px",
        [(CHECK, "{{ summary_list(rows) }}", '{{ summary_list(rows) }}<canvas width="700" height="1"></canvas>')],
    ),
)
"""These touch different pages and rules, so that one service with all of them shows whether each is found."""

MORE: Final = (
    Fault(
        "a page left open",
        "strangers",
        "it says @public",
        [
            ("views.py", "from portal.kit import (\n", "from portal.kit import (\n    public,\n"),
            (
                "views.py",
                "",
                '@bp.get("/open")\n@public\ndef left_open() -> str:\n    """Open."""\n'
                '    return render("hedges/index.html", drafts=(), requests=())\n',
            ),
            (
                INDEX,
                '<h2 class="govuk-heading-m">{{ _("Make a request") }}</h2>',
                '<h2 class="govuk-heading-m"><a class="govuk-link" href="/services/hedges/open">'
                '{{ _("Make a request") }}</a></h2>',
            ),
        ],
    ),
    Fault(
        "forgetting that commits",
        "forget",
        "a dry run of `forget` changed",
        [
            (
                "operations.py",
                "    _execute(_FORGET, account=account.id)",
                "    _execute(_FORGET, account=account.id)\n    session().commit()",
            )
        ],
    ),
    Fault(
        "a table of which nobody says how long it is kept",
        "retention",
        "no Retention says how long",
        [("service.py", 'tables=("request",),', "tables=(),")],
    ),
    Fault(
        "models that no migration makes",
        "migrations",
        "models and migrations differ",
        [("models.py", '        Index(None, "account_id", "created_at", "id"),\n', "")],
    ),
    Fault(
        "a query for each row",
        "budget",
        "statements with 30 records and",
        [
            (
                "queries.py",
                "return [Request(**row._mapping) for row in session().execute(_NEWEST, {",
                "return [get_request(account, row.reference) for row in session().execute(_ALL, {",
            ),
        ],
    ),
)
"""These are about the same things as others above: they are planted together, apart from those."""


def good(folder: Path, name: str) -> Mounted:
    """The service as it is written, in a package of that name."""
    return plant(folder, name, ())


def plant(folder: Path, name: str, faults: Iterable[Fault], more: Mapping[str, str] = {}) -> Mounted:
    """The service with these faults, and with these files besides, in a package of that name below `folder`."""
    package = folder / name
    package.mkdir()
    (package / "__init__.py").touch()
    new = NewService(title="Hedges", title_cy="Gwrychoedd", slug=SLUG, package=f"{name}.{SLUG}")
    home = write_service(new, package)
    for path, text in more.items():
        (home / path).write_text(text.replace("{package}", new.package))
    for fault in faults:
        for path, old, now in fault.changes:
            _change(home / path, old, now.replace("{package}", new.package))
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    return load(new.package)


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path.name} has no {old!r}: has the skeleton changed?"
    path.write_text(text.replace(old, new, 1) if old else f"{text}\n\n{new}")
