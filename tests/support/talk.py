"""A kind of case on which people talk: with forms, facts, signatures, and what its service hears of."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from portal.accounts.values import Account
from portal.cases import cosigning, types
from portal.cases.opening import open_case
from portal.cases.talk_values import Task
from portal.cases.task_forms import TaskField, TaskForm
from portal.cases.tasks import set_task
from portal.cases.values import Case, Fact
from portal.db.session import session
from tests.support.cases import REPORT, STAFF
from tests.support.people import someone

SECRET_FACT = "What the second person must not see"
TENANCY = TaskForm(
    title="Your tenancy",
    words="We need this to go on.",
    fields=(
        TaskField(name="landlord", label="Who is your landlord?"),
        TaskField(name="since", label="When did it begin?", kind="date"),
        TaskField(name="rooms", label="How many rooms are there?", kind="number", required=False),
        TaskField(name="heating", label="How is it heated?", kind="choice", choices=(("gas", "Gas"), ("oil", "Oil"))),
    ),
)
TALKING = replace(REPORT, slug="talking", title="Licence", forms={"tenancy": TENANCY}, reopen_days=14)
SILENT = replace(TALKING, slug="silent", title="Silent licence", messages=False, reopen_days=0)
ANSWERS = {"landlord": "Ann Example", "since": "2024-03-01", "rooms": "3", "heating": "gas"}


def facts(_case: Case) -> Sequence[Fact]:
    """What was sent."""
    return [
        Fact(label="Address", value=["1 Mill Lane", "W6 9JU"], for_cosigner=True),
        Fact(label="Reasons", value=SECRET_FACT),
    ]


@contextmanager
def talking(app: Flask) -> Iterator[list[Task]]:
    """Teach the application this kind of case. Gives what the service hears of tasks that are done."""
    heard: list[Task] = []
    known = app.extensions.setdefault(types.EXTENSION, {})
    before, hooks = dict(known), app.extensions.get(types.HOOKS, {}).get("reporting")
    types.add(app, "reporting", [TALKING, SILENT])
    types.add_hooks(
        app, "reporting", types.Hooks(case_facts=facts, on_task_done=lambda _case, task: heard.append(task))
    )
    try:
        yield heard
    finally:
        known.clear()
        known.update(before)
        types.add_hooks(app, "reporting", hooks or types.Hooks())


def new_case(account: Account, key: str = "1", *, silent: bool = False) -> Case:
    """The resident's open case of that kind, committed."""
    case = open_case(account, case_type=SILENT if silent else TALKING, key=key)
    session().commit()
    return case


def things_to_do(app: Flask, account: Account) -> dict[str, str]:
    """A task of this resident's, something that they took up to sign, and a link that nobody has taken up."""
    kit = someone(app, "Kit")
    with talking(app), app.test_request_context("/"):
        task = set_task(new_case(account).id, kind="document", title="Send a photo", actor=STAFF, key="1")
        token, other = (_asked(new_case(kit, key), kit) for key in ("1", "2"))
        taken_up = cosigning.take_up(account, other)
        session().commit()
    return {"task_id": str(task.id), "cosigning_id": str(taken_up.id), "cosign.invitation.token": token}


def _asked(case: Case, account: Account) -> str:
    """The token of an invitation to sign on this case."""
    tokens: list[str] = []
    task = set_task(case.id, kind="cosign", title="Ask somebody", words="I agree.", actor=STAFF, key="1")
    cosigning.ask(account, task.id, email="x@tests.example", link=lambda token: tokens.append(token) or token)
    session().commit()
    return tokens[0]
