"""Parts of a photo are covered for everybody but staff and whoever sent it."""

import io
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.kit import find_file, session
from services.reporting.models.reports import Photo
from services.reporting.operations.forgetting import forget
from services.reporting.operations.photos import add_photo_to
from services.reporting.queries.public import shown_photos
from services.reporting.rules.covering import Grid
from services.reporting.tests.test_desk_moderation import DESK, filed, mo, the_report
from services.reporting.tests.test_moderating import TRAIL
from tests.support.photos import opened, photo
from tests.support.residents import Resident
from tests.support.staff import Colleague
from tests.support.worker import work

__all__ = ["mo"]


@pytest.fixture
def reference(ada: Resident, context: Flask) -> str:
    """A report with one photo, which the worker has written anew."""
    found = filed(ada)
    add_photo_to(ada.account, report_id=the_report(found).id, stream=io.BytesIO(photo()))
    session().commit()
    work()
    return found


def the_photo() -> Photo:
    session().expire_all()
    return session().scalars(select(Photo)).one()


def covered(mo: Colleague, reference: str, *squares: str) -> Photo:
    path = f"{DESK}/moderation/{reference}/photos/{the_photo().id}/cover"
    mo.get(path)
    assert mo.client.submit(path, squares=list(squares)).location == f"{DESK}/moderation/{reference}"
    return the_photo()


def darkest(colleague: Colleague, address: str) -> bool:
    """Whether the top left of the picture there is black."""
    colour = opened(colleague.client.get(address).data).getpixel((5, 5))
    assert isinstance(colour, tuple)
    return max(colour) < 10


def test_others_see_the_photo_with_black_squares_and_staff_as_it_was_sent(reference: str, mo: Colleague) -> None:
    kept = covered(mo, reference, "A1", "B1")
    at = f"{DESK}/moderation/{reference}/photos/{kept.id}"
    page = mo.get(f"{DESK}/moderation/{reference}")
    assert f'src="{at}/covered?' in page
    mo.client.check_pages = False
    assert darkest(mo, f"{at}/covered")
    assert not darkest(mo, at)
    assert shown_photos([kept.report_id]) == {}  # it is seen once a moderator has let it
    mo.client.check_pages = True
    mo.client.submit(
        f"{DESK}/moderation/{reference}", audience="everybody", words="Words.", place="Here.", photos=[str(kept.id)]
    )
    (seen,) = shown_photos([kept.report_id])[kept.report_id]
    assert seen.file_id == the_photo().covered_id != kept.file_id
    mo.client.check_pages = False
    assert darkest(mo, f"/services/reporting/problems/{reference}/photos/1")


def test_another_choice_takes_the_place_of_the_first_and_none_waits_again(
    reference: str, mo: Colleague, ada: Resident
) -> None:
    first = covered(mo, reference, "A1").covered_id
    second = covered(mo, reference, "L9").covered_id
    assert first
    assert second
    assert find_file(ada.account.id, first) is None
    the_photo().moderation = "shown"
    session().commit()
    bare = covered(mo, reference)
    assert (bare.covered_id, bare.moderation) == (None, "waiting")
    assert find_file(ada.account.id, second) is None
    acts = select(TRAIL.c.act).where(TRAIL.c.actor == mo.staff.actor, TRAIL.c.act.like("reporting.photo_%"))
    assert sorted(session().scalars(acts)) == ["reporting.photo_covered"] * 2 + ["reporting.photo_uncovered"]


def test_the_copy_goes_with_whose_photo_it_was(reference: str, mo: Colleague, ada: Resident) -> None:
    copy = covered(mo, reference, "C3").covered_id
    assert copy
    forget(ada.account)
    session().commit()
    assert find_file(ada.account.id, copy) is None


def test_only_squares_that_there_are_and_photos_that_are_ready_are_covered(
    ada: Resident, mo: Colleague, reference: str
) -> None:
    kept = the_photo()
    path = f"{DESK}/moderation/{reference}/photos/{kept.id}/cover"
    mo.get(path)
    mo.post(path, 200, squares="Z99")
    assert the_photo().covered_id is None
    mo.get(f"{DESK}/moderation/{filed(ada)}/photos/{kept.id}/cover", 404)
    mo.get(f"{DESK}/moderation/{reference}/photos/{UUID(int=1)}/cover", 404)


@given(st.integers(1, 5000), st.integers(1, 5000), st.data())
def test_the_squares_of_a_photo_cover_all_of_it(width: int, height: int, data: st.DataObject) -> None:
    grid = Grid.of(width, height)
    assert len(set(grid.names)) == grid.across * grid.down == 108
    x, y = data.draw(st.integers(0, 999)), data.draw(st.integers(0, 999))
    column, row = x * grid.across // 1000, y * grid.down // 1000
    left, top, right, bottom = grid.edges(grid.names[row * grid.across + column])
    assert left <= x < right
    assert top <= y < bottom
    assert max(right, bottom) <= 1000
