"""The planted service with a back office of its own, and the four ways of meeting it badly."""

from collections.abc import Mapping
from typing import Final

from tests.support.planted import Fault

SETTINGS: Final = '''"""Where the contractor's system is."""

from pydantic import SecretStr

from portal.kit import ServiceSettings


class HedgeSettings(ServiceSettings):
    """Settings of hedges."""

    url: str = ""
    token: SecretStr = SecretStr("")
'''
BACKOFFICE: Final = '''"""The contractor's system."""

from pydantic import BaseModel

from portal.kit import get_office, settings_of
from {package}.settings import HedgeSettings

SECONDS = 0.4


class Cut(BaseModel):
    """What is planned."""

    cuts: int


def next_cut() -> Cut:
    """What the contractor says now."""
    ours = settings_of(HedgeSettings)
    office = get_office("hedges", base_url=ours.url, token=ours.token.get_secret_value(), seconds=SECONDS)
    return office.get("/next", Cut)
'''
STANDIN: Final = '''"""The contractor's system as we play it."""

from werkzeug.wrappers import Request, Response


def create(_database_url, _address, _secret):
    """It always says the same."""
    return Request.application(lambda _request: Response('{"cuts": 3}', mimetype="application/json"))
'''
PAGE: Final = """{% extends "web/page.html" %}
{% block title %}{{ _("Your requests") }}{% endblock %}
{% block main %}
<h1 class="govuk-heading-l">{{ _("Your requests") }}</h1>
{% if cut is none %}<p class="govuk-body">We cannot say at the moment. Try again later.</p>
{% else %}<p class="govuk-body">Planned: {{ cut.cuts }}</p>
{% if as_of_at %}<p class="govuk-body">This is what we knew on {{ as_of_at | format_datetime }}.</p>{% endif %}
{% endif %}
{% endblock %}
"""
VIEW: Final = '''

from portal.kit import ask_office  # noqa: E402  # what follows is put at the end of a page that is written already
from {package} import backoffice  # noqa: E402


@bp.get("/next")
def next_cut() -> str:
    """What the contractor plans."""
    said = ask_office(
        current_account().id, service="hedges", key="next", question=backoffice.next_cut, kind=backoffice.Cut
    )
    as_of_at = None if said.fresh else said.as_of_at
    return render("hedges/next.html", cut=said.value, as_of_at=as_of_at)
'''
FILES: Final[Mapping[str, str]] = {
    "settings.py": SETTINGS,
    "backoffice.py": BACKOFFICE,
    "standin.py": STANDIN,
    "templates/hedges/next.html": PAGE,
}
WITH_OFFICE: Final = Fault(
    "no fault: an office that is asked well",
    "office",
    "",
    [
        ("views.py", "", VIEW),
        ("service.py", "from portal.kit import Assurance, ", "from portal.kit import Standin, Assurance, "),
        ("service.py", "SERVICE = Service(", "from {package}.settings import HedgeSettings\n\nSERVICE = Service("),
        (
            "service.py",
            "    demo=demo.load,\n",
            "    demo=demo.load,\n    settings=HedgeSettings,\n"
            '    standin=Standin(create="{package}.standin:create"),\n',
        ),
        (
            "templates/hedges/index.html",
            "{% if drafts %}",
            '<p class="govuk-body"><a class="govuk-link" href="{{ url_for(\'.next_cut\') }}">{{ _("From") }}</a></p>\n'
            "{% if drafts %}",
        ),
    ],
)
NEXT: Final = "templates/hedges/next.html"
OFFICE_FAULTS: Final = (
    Fault(
        "a zero for what is not known",
        "office",
        "it shows '0' for what is not known",
        [(NEXT, "We cannot say at the moment. Try again later.", "Planned: 0")],
    ),
    Fault(
        "a fault of our own when the office is away",
        "office",
        "it answers with 500",
        [("views.py", "cut=said.value,", "cut=backoffice.Cut(cuts=said.value.cuts),")],
    ),
    Fault("no bound on waiting", "office", "seconds while the back office is slow", [("backoffice.py", "0.4", "30")]),
    Fault(
        "an old answer as if it were new",
        "office",
        "it shows an old answer as if it were today's",
        [(NEXT, "{% if as_of_at %}", "{% if false %}")],
    ),
)
