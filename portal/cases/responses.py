"""Responses that staff use again: templates in versions, of which none is ever changed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_if_absent

from portal import clock
from portal.audit.operations import record
from portal.cases.merge_fields import FIELDS, Texts, unknown_in
from portal.cases.messages import LONGEST_MESSAGE, readable
from portal.cases.rule_models import ResponseTemplateRow, ResponseVersionRow
from portal.cases.types import find_type
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.web.languages import gettext as _
from portal.web.texts import UnusableText, clean

LONGEST_TITLE: Final = 80
MOST: Final = 300
"""How many templates a list holds: nobody finds anything among more."""
MOST_VERSIONS: Final = 100
ANY: Final = ""

_COLUMNS = (
    ResponseTemplateRow.id,
    ResponseTemplateRow.service,
    ResponseTemplateRow.type,
    ResponseTemplateRow.title,
    ResponseTemplateRow.version,
    ResponseTemplateRow.retired_at,
    ResponseVersionRow.body,
    ResponseVersionRow.body_cy,
    ResponseVersionRow.written_by,
    ResponseVersionRow.written_at,
)
_RESPONSES = select(*_COLUMNS).join(
    ResponseVersionRow,
    and_(
        ResponseVersionRow.template_id == ResponseTemplateRow.id,
        ResponseVersionRow.version == ResponseTemplateRow.version,
    ),
)
_IN_ORDER = (
    ResponseTemplateRow.service,
    ResponseTemplateRow.type,
    ResponseTemplateRow.title,
    ResponseTemplateRow.id,
)
_ALL = _RESPONSES.order_by(ResponseTemplateRow.retired_at.is_not(None), *_IN_ORDER).limit(MOST)
_ONE = _RESPONSES.where(ResponseTemplateRow.id == bindparam("template"))
_FITTING = (
    _RESPONSES.where(
        ResponseTemplateRow.retired_at.is_(None),
        or_(ResponseTemplateRow.service == ANY, ResponseTemplateRow.service == bindparam("service")),
        or_(ResponseTemplateRow.type == ANY, ResponseTemplateRow.type == bindparam("type")),
    )
    .order_by(ResponseTemplateRow.title, ResponseTemplateRow.id)
    .limit(MOST)
)
_VERSIONS = (
    select(
        ResponseVersionRow.version,
        ResponseVersionRow.body,
        ResponseVersionRow.body_cy,
        ResponseVersionRow.written_by,
        ResponseVersionRow.written_at,
    )
    .where(ResponseVersionRow.template_id == bindparam("template"))
    .order_by(ResponseVersionRow.version.desc())
    .limit(MOST_VERSIONS)
)
_LOCK = select(ResponseTemplateRow.version).where(ResponseTemplateRow.id == bindparam("template")).with_for_update()


@dataclass(frozen=True, slots=True)
class Response(Texts):
    """A template as it is used now. Empty `service` or `type` means any."""

    id: uuid.UUID
    service: str
    type: str
    title: str
    version: int
    retired_at: datetime | None
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Version(Texts):
    """One version of a template, and who wrote it."""

    version: int
    written_by: str
    written_at: datetime


def all_responses() -> Sequence[Response]:
    """Every template: those in use first."""
    return [_response(row) for row in session().execute(_ALL)]


def responses_for(case: Case) -> list[Response]:
    """The templates in use that fit a case, by title."""
    return [_response(row) for row in session().execute(_FITTING, {"service": case.service, "type": case.type})]


def find_response(template_id: uuid.UUID) -> Response | None:
    """One template, if there is one."""
    row = session().execute(_ONE, {"template": template_id}).one_or_none()
    return _response(row) if row else None


def get_response(template_id: uuid.UUID) -> Response:
    """One template. Raises NotFound."""
    response = find_response(template_id)
    if response is None:
        raise NotFound
    return response


def versions_of(template_id: uuid.UUID) -> Sequence[Version]:
    """All that a template has said, newest first."""
    return [Version(**row._mapping) for row in session().execute(_VERSIONS, {"template": template_id})]


def write_response(
    actor: str, *, key: uuid.UUID, title: str, body: str, body_cy: str = "", service: str = ANY, type: str = ANY
) -> Response:
    """A new template, once for each `key`, which becomes its id.

    Raises Refused with what is wrong: a field that there is not is named.
    """
    texts = _checked(title, body, body_cy, service, type)
    values = {"id": key, "service": service, "type": type, "title": title.strip(), "version": 1}
    new = insert_if_absent(ResponseTemplateRow).values(**values).on_conflict_do_nothing()
    if session().scalar(new.returning(ResponseTemplateRow.id)) is None:
        return get_response(key)
    _write_version(key, 1, texts, actor)
    record("response.written", actor=actor, subject=f"response:{key}", version=1)
    return get_response(key)


def rewrite_response(
    actor: str, template_id: uuid.UUID, *, expected_version: int, title: str, body: str, body_cy: str = ""
) -> Response:
    """The template with a new version; the former ones stay. What says the same is no new version.

    Raises NotFound, Conflict when somebody else has written one since, Refused as `write_response`.
    """
    now = get_response(template_id)
    texts = _checked(title, body, body_cy, now.service, now.type)
    latest = session().execute(_LOCK, {"template": template_id}).scalar_one()
    if latest == now.version and (texts.body, texts.body_cy, title.strip()) == (now.body, now.body_cy, now.title):
        return now
    if latest != expected_version:
        raise Conflict(_("Somebody else has changed this template since you opened the page."))
    changed = update(ResponseTemplateRow).where(ResponseTemplateRow.id == template_id)
    session().execute(changed.values(title=title.strip(), version=latest + 1))
    _write_version(template_id, latest + 1, texts, actor)
    record("response.written", actor=actor, subject=f"response:{template_id}", version=latest + 1)
    return get_response(template_id)


def retire_response(actor: str, template_id: uuid.UUID, *, retired: bool = True) -> None:
    """Offer a template no more, or again. Doing it twice changes nothing. Raises NotFound."""
    known = get_response(template_id)
    if (known.retired_at is not None) == retired:
        return
    changed = update(ResponseTemplateRow).where(ResponseTemplateRow.id == template_id)
    session().execute(changed.values(retired_at=clock.now() if retired else None))
    record("response.retired" if retired else "response.offered", actor=actor, subject=f"response:{template_id}")


def _write_version(template_id: uuid.UUID, version: int, texts: Texts, actor: str) -> None:
    session().execute(
        insert(ResponseVersionRow).values(
            template_id=template_id,
            version=version,
            body=texts.body,
            body_cy=texts.body_cy,
            written_by=actor,
            written_at=clock.now(),
        )
    )


def _checked(title: str, body: str, body_cy: str, service: str, type: str) -> Texts:
    try:
        title = clean(title)
    except UnusableText:
        raise Refused(_("There are characters that we cannot use. Type it again instead of pasting it.")) from None
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise Refused(_("Give the template a title of at most %(limit)s characters.", limit=LONGEST_TITLE))
    if type != ANY and find_type(service, type) is None:
        raise Refused(_("There is no such kind of case in this service."))
    body = readable(body, LONGEST_MESSAGE)
    body_cy = readable(body_cy, LONGEST_MESSAGE) if body_cy.strip() else ""
    if unknown := list(dict.fromkeys([*unknown_in(body), *unknown_in(body_cy)])):
        raise Refused(
            _(
                "There is no such field: %(fields)s. You can use: %(known)s.",
                fields=", ".join(unknown),
                known=", ".join(FIELDS),
            )
        )
    return Texts(body, body_cy)


def _response(row: Row[*tuple[Any, ...]]) -> Response:
    return Response(**row._mapping)
