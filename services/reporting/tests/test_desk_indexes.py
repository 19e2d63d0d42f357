"""What staff work through is found by its own index, so that a long list costs what a short one does."""

from uuid import UUID

from flask import Flask
from sqlalchemy import Uuid, bindparam, column, select, table

from services.reporting.models.reports import Report
from services.reporting.queries import moderation, work
from services.reporting.tests.test_public_indexes import plan_of

CASES = table("case", column("id", Uuid), column("team"), schema="portal")
MINE = select(CASES.c.id).where(CASES.c.team == bindparam("team"))


def test_the_list_of_work_follows_its_index(context: Flask) -> None:
    plan = plan_of(
        work.OPEN.where(Report.case_id.in_(MINE)), {"most": work.PAGE, "team": "highways"}, only="ix_report_to_work"
    )
    assert "using ix_report_to_work " in plan


def test_what_waits_for_a_moderator_follows_its_indexes(context: Flask) -> None:
    plan = plan_of(moderation.parts_of(MINE, 50), {"team": "highways"}, only="ix_report_waiting")
    for index in ("ix_report_waiting", "ix_photo_waiting", "ix_update_waiting"):
        assert f"using {index} " in plan, plan


def test_a_report_is_found_by_its_case(context: Flask) -> None:
    plan = plan_of(work.ONE, {"case": UUID(int=1)}, only="uq_report_case_id")
    assert "uq_report_case_id" in plan
