"""What remote applications call: residents who have signed in to them, cards, tasks and activity for those, erasures.

An application may write about nobody but who has signed in to it, which it shows with their ID token; from then on it
names them by an id that no other application is given. See portal/linkouts/README.md.
"""

from uuid import UUID

from flask import Response, jsonify

from portal.api.link_out_answers import Erasure, Erasures, Resident, kept
from portal.api.link_out_calls import answer, body, bp, by_application, named
from portal.api.link_out_openapi import document
from portal.api.link_out_shapes import Activity, Card, SignIn, Task
from portal.db.session import commits
from portal.linkouts import operations, queries
from portal.linkouts.proof import get_account_id
from portal.linkouts.values import LinkOut
from portal.web.access import public


@bp.get("/openapi.json")
@public
def openapi() -> Response:
    """This very description, for everybody."""
    response = jsonify(document())
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.post("/residents")
@commits
@by_application()
def know(link_out: LinkOut) -> Response:
    """Somebody has signed in. 201 with what they are called from now on; 200 when they were known."""
    account_id = get_account_id(link_out, body(SignIn).id_token)
    person_id, new = operations.know(link_out, account_id)
    return answer(Resident(resident=person_id), 201 if new else 200)


@bp.get("/residents/<uuid:resident>")
@by_application()
def what_is_kept(link_out: LinkOut, resident: UUID) -> Response:
    """All that the application keeps here about one of them."""
    return answer(kept(resident, queries.items_of(link_out, resident)))


@bp.delete("/residents/<uuid:resident>")
@commits
@by_application()
def let_go(link_out: LinkOut, resident: UUID) -> Response:
    """They have left the application: it knows them no longer, and all that it sent is gone."""
    operations.let_go_of(link_out, resident)
    return Response(status=204)


@bp.put("/residents/<uuid:resident>/cards/<key>")
@commits
@by_application("cards")
def put_card(link_out: LinkOut, resident: UUID, key: str) -> Response:
    """Keep a card in the place of the one of that key. 201 when there was none, else 204."""
    return _put(operations.put(link_out, resident, body(Card).item(named(key), link_out)))


@bp.delete("/residents/<uuid:resident>/cards/<key>")
@commits
@by_application("cards")
def take_card(link_out: LinkOut, resident: UUID, key: str) -> Response:
    """Take a card back; 204 whether it was there or not."""
    operations.take_back(link_out, resident, "card", named(key))
    return Response(status=204)


@bp.put("/residents/<uuid:resident>/tasks/<key>")
@commits
@by_application("tasks")
def put_task(link_out: LinkOut, resident: UUID, key: str) -> Response:
    """Keep a task in the place of the one of that key. 201 when there was none, else 204."""
    return _put(operations.put(link_out, resident, body(Task).item(named(key), link_out)))


@bp.delete("/residents/<uuid:resident>/tasks/<key>")
@commits
@by_application("tasks")
def take_task(link_out: LinkOut, resident: UUID, key: str) -> Response:
    """Take a task back; 204 whether it was there or not."""
    operations.take_back(link_out, resident, "task", named(key))
    return Response(status=204)


@bp.post("/residents/<uuid:resident>/activity")
@commits
@by_application("activity")
def post_activity(link_out: LinkOut, resident: UUID) -> Response:
    """Keep what happened. 201; 204 when the same was sent under this key before."""
    return _put(operations.post(link_out, resident, body(Activity).item(link_out)))


@bp.get("/erasures")
@by_application()
def erasures(link_out: LinkOut) -> Response:
    """Whom the application has yet to forget. Ask every day, forget them, and say so for each."""
    found = queries.erasures(link_out.slug)
    return answer(Erasures(erasures=[Erasure(resident=person_id, erased_at=at) for person_id, at in found]))


@bp.delete("/erasures/<uuid:resident>")
@commits
@by_application()
def confirm_erased(link_out: LinkOut, resident: UUID) -> Response:
    """The application has forgotten them."""
    operations.confirm_erased(link_out, resident)
    return Response(status=204)


def _put(new: bool) -> Response:
    return Response(status=201 if new else 204)
