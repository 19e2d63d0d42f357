"""A second person is asked to sign: invited by e-mail, signed in with an account of their own.

The link of the invitation is a secret of which only a hash is kept. It is taken up once, by a button and not by
opening it, since programs that scan mail open links; from then on it is bound to that person's account and the link
is dead. They see what they are to sign, a copy made when they were asked, and nothing else of the case.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import insert, update

from portal import clock
from portal.accounts.queries import get_profile
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.cases import cosignings
from portal.cases.talk_models import CosigningRow
from portal.cases.talk_values import Cosigning, Task
from portal.cases.tasks import finish, lock_task
from portal.cases.telling import tell_resident
from portal.cases.types import facts_of
from portal.cases.values import Case, Channel, EventKind
from portal.cases.writing import change
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.identity.sessions import actor_for
from portal.notify.operations import send
from portal.notify.post import rendered
from portal.web import limits
from portal.web.languages import LANGUAGES, using
from portal.web.languages import gettext as _

LINK_DAYS: Final = timedelta(days=14)
MAIL: Final = "home/mail/cosign.txt"
WORDS: Final = "home/mail/cosign_words.txt"
SIGNED_MAIL: Final = "home/mail/cosigned.txt"
DECLINED_MAIL: Final = "home/mail/cosign_declined.txt"
BOUNCED_MAIL: Final = "home/mail/cosign_bounced.txt"
ACTOR: Final = "system:cosigning"


def ask(
    account: Account, task_id: uuid.UUID, *, email: str, link: Callable[[str], str], channel: Channel = "web"
) -> Cosigning:
    """Invite a second person by e-mail; `link` makes the address of the page from a token.

    They can answer until the end of the day on which the task is due, or of the fourteenth day if that is earlier: one
    day for both of them. The same address again while it is asked already gets no second letter, so that a button
    pressed twice kills no link; an earlier invitation of somebody else for the same task stops working. Raises
    NotFound, Refused when it is their own address, TooMany, Conflict when the task is done or no longer asked for.
    """
    own = get_profile(account.id).email
    if own is not None and own.lower() == email.lower():
        raise Refused(_("This is your own email address. Somebody else has to sign."))
    case, task = _hold(account, task_id)
    before = cosignings.newest_for(task.id)
    if before is not None and before.is_open(clock.now()) and before.email == email:
        return before
    limits.hit(f"cosign:{account.id}", limit=10, seconds=86_400)
    limits.hit(f"cosign-to:{_hash(email.lower())}", limit=5, seconds=86_400)  # whoever asks, no inbox is flooded
    cosignings.withdraw_for(task.id)
    token, until = secrets.token_urlsafe(32), _answer_until(task)
    cosigning_id = uuid.uuid4()
    session().execute(
        insert(CosigningRow).values(
            id=cosigning_id,
            task_id=task.id,
            case_id=case.id,
            account_id=account.id,
            email=email,
            token_hash=_hash(token),
            statement=task.words,
            facts=_said(case),
            state="asked",
            asked_at=clock.now(),
            expires_at=until,
        )
    )
    _write_to(email, account.language, link=link(token), until=until)
    _note(case, "cosign_asked", task, actor_for(account.id), channel, waits_for="resident")
    return cosignings.get_any(cosigning_id)


def withdraw(account: Account, task_id: uuid.UUID, *, channel: Channel = "web") -> None:
    """Ask the second person no longer; the link stops working. Raises NotFound, Conflict when they have signed."""
    case, task = _hold(account, task_id)
    if cosignings.withdraw_for(task.id):
        _note(case, "cosign_withdrawn", task, actor_for(account.id), channel)


def find_invitation(account: Account, token: str) -> Cosigning | None:
    """The invitation behind a link; None when the link is used, too old, withdrawn or was never one.

    Raises Refused for the one who asked: nobody signs for themselves a second time.
    """
    found = cosignings.find_by_token_hash(_hash(token))
    if found is None or not found.is_open(clock.now()):
        return None
    if found.account_id == account.id:
        raise Refused(_("You asked for this signature. Somebody else has to sign, with an account of their own."))
    return found


def take_up(account: Account, token: str) -> Cosigning:
    """Bind the invitation to this account, once and for good. Raises NotFound when the link does not work, Refused."""
    found = find_invitation(account, token)
    if found is None:
        raise NotFound(_("This link no longer works."))
    bound = session().execute(
        update(CosigningRow)
        .where(CosigningRow.id == found.id, CosigningRow.token_hash == _hash(token))
        .values(signer_id=account.id, taken_up_at=clock.now(), token_hash=None, email=None)
        .returning(CosigningRow.id)
    )
    if bound.one_or_none() is None:  # somebody else was quicker with the same link
        raise NotFound(_("This link no longer works."))
    record("cosign.taken_up", actor=f"account:{account.id}", subject=f"case:{found.case_id}", account_id=account.id)
    return cosignings.get_cosigning(account.id, found.id)


def sign(account: Account, cosigning_id: uuid.UUID) -> Cosigning:
    """Sign, once. Raises NotFound, Conflict when it is too late or no longer asked for, Refused as the case's owner."""
    return _answer(account, cosigning_id, signs=True)


def decline(account: Account, cosigning_id: uuid.UUID) -> Cosigning:
    """Refuse to sign; the resident may ask somebody else. Raises as `sign` does."""
    return _answer(account, cosigning_id, signs=False)


def came_back(_letter_id: uuid.UUID, email: str) -> None:
    """Nobody is at that address: whoever asked somebody there to sign is told, and can ask anew."""
    for cosigning_id, task_id in cosignings.not_taken_up(email):
        try:
            case, task = lock_task(task_id, actor=ACTOR)
            found = cosignings.get_any(cosigning_id)
        except NotFound:  # forgotten meanwhile
            continue
        if found.state == "asked" and found.email == email:
            cosignings.end(found.id, "bounced")
            after = _note(case, "cosign_bounced", task, ACTOR, "system", waits_for="resident")
            tell_resident(after, BOUNCED_MAIL, path=f"/tasks/{task.id}", about=task.title)


def _answer(account: Account, cosigning_id: uuid.UUID, *, signs: bool) -> Cosigning:
    wanted = "signed" if signs else "declined"
    found = cosignings.get_cosigning(account.id, cosigning_id)
    case, task = lock_task(found.task_id, actor=ACTOR)  # the signer is a stranger to the case itself
    if case.account_id == account.id:  # they have claimed the case since they took up the invitation
        raise Refused(_("You asked for this signature. Somebody else has to sign, with an account of their own."))
    found = cosignings.get_cosigning(account.id, cosigning_id)
    if found.state == wanted:
        return found
    if not found.is_open(clock.now()) or not task.is_open:
        raise Conflict(_("This can no longer be signed. You do not have to do anything."))
    actor = f"account:{account.id}"
    cosignings.end(found.id, "signed" if signs else "declined")
    if signs:
        after, _done = finish(case, task, actor=actor, channel="web", kind="cosigned")
        tell_resident(after, SIGNED_MAIL, about=task.title)
    else:
        after = _note(case, "cosign_declined", task, actor, "web", waits_for="resident")
        tell_resident(after, DECLINED_MAIL, path=f"/tasks/{task.id}", about=task.title)
    record(f"cosign.{wanted}", actor=actor, subject=f"case:{case.id}", account_id=account.id)
    return cosignings.get_cosigning(account.id, cosigning_id)


def _hold(account: Account, task_id: uuid.UUID) -> tuple[Case, Task]:
    case, task = lock_task(task_id, account_id=account.id)
    if task.kind != "cosign":
        raise NotFound
    if not task.is_open:
        raise Conflict(_("This is signed already, or no longer asked for."))
    return case, task


def _write_to(email: str, language: str, **values: Any) -> None:  # what the letter says
    """The invitation, first in the language of the one who asks: which the other reads, nobody has said.

    For no account of ours: what is kept of the mail holds the link, which is for the second person alone.
    """
    both = [language, *(other for other in LANGUAGES if other != language)]
    subjects, bodies = zip(*(rendered(WORDS, each, values) for each in both), strict=True)
    send(email, MAIL, language, None, subjects=subjects, bodies=bodies)


def _said(case: Case) -> dict[str, list[list[str]]]:
    """What the service says of the case to a second person, in every language: which they read, nobody knows yet."""
    found = {}
    for language in LANGUAGES:
        with using(language):
            told = [fact for fact in facts_of(case) if fact.for_cosigner]
            found[language] = [[str(fact.label), "\n".join(fact.lines)] for fact in told]
    return found


def _answer_until(task: Task) -> datetime:
    """The last moment of the last day. What is late can still be done, so that a day gone by does not count."""
    today = clock.today()
    last = today + LINK_DAYS
    if task.due_on is not None and task.due_on >= today:
        last = min(last, task.due_on)
    return datetime.combine(last, time.max, clock.LOCAL)


def _note(case: Case, kind: EventKind, task: Task, actor: str, channel: Channel, **values: Any) -> Case:  # columns
    return change(case, kind=kind, actor=actor, channel=channel, details={"task": str(task.id)}, **values)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
