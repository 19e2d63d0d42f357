"""Tell a resident something: once, in their language, in their inbox and by the channel that they chose."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.db.session import session
from portal.notices.choices import Reach, reach_of
from portal.notices.models import NoticeRow
from portal.notify import operations as notify
from portal.notify import post
from portal.web.languages import using

TEXT: Final = "notices/sms/notice.txt"
LONGEST_KEY: Final = 120
LONGEST_HEADLINE: Final = 200


class Later:
    """A part of a headline that is put together when it is said, in the language of whoever is told."""

    __slots__ = ("_say",)

    def __init__(self, say: Callable[[], object]) -> None:
        self._say = say

    def __str__(self) -> str:
        return str(self._say())


_KEPT = insert(NoticeRow).on_conflict_do_nothing(index_elements=["account_id", "key"]).returning(NoticeRow.id)


def tell(
    account_id: uuid.UUID,
    *,
    topic: str,
    template: str,
    key: str,
    path: str = "/inbox",
    headline: Sequence[object] = (),
    **values: Any,  # whatever the template asks for
) -> bool:
    """Tell somebody once the current transaction is committed. False when they know of it already, or are gone.

    `topic` is a service's slug or one of `portal.notices.topics`; `key` names the event among all that this person is
    told (`case:<id>:message:<id>`). `template` is `<room>/mail/<name>.txt`, its first line the subject: the same words
    stand in the inbox and in the letter, and letters are read by others, so a reference and where to look are all that
    belongs in it. `headline` is what the inbox says in its place, in parts that become text in the resident's language;
    nobody else reads it. `path` is where it leads on this portal. Raises ValueError for a key that is too long.
    """
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a notice needs a key of at most {LONGEST_KEY} characters")
    reach = reach_of(account_id, topic)
    if reach is None:
        return False
    values = {"path": path, **values}
    subject, body = post.rendered(template, reach.language, values)
    with using(reach.language):
        said = ": ".join(str(part) for part in headline if str(part))
    kept = session().execute(
        _KEPT,
        {
            "id": uuid.uuid4(),
            "account_id": account_id,
            "topic": topic,
            "key": key,
            "subject": subject,
            "headline": (said or subject)[:LONGEST_HEADLINE],
            "body": body,
            "path": path,
            "channel": reach.channel,
            "told_at": clock.now(),
        },
    )
    if kept.one_or_none() is None:
        return False
    _write(account_id, reach, template, subject, values)
    return True


def _write(account_id: uuid.UUID, reach: Reach, template: str, subject: str, values: dict[str, Any]) -> None:
    if reach.channel == "email" and reach.email is not None:
        notify.send(reach.email, template, reach.language, account_id, **values)
    elif reach.channel == "sms" and reach.mobile is not None:
        notify.send_text(reach.mobile, TEXT, reach.language, account_id, subject=subject, path=values["path"])
