"""What the demo's staff have done: some of everything, and once, however often it is loaded."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, text

from portal.cli.demo_environment import demo_environment
from portal.cli.demo_staff import COLLEAGUES

LOAD = (
    "from portal.cli import demo_data; from portal.settings.reading import load_settings;"
    " demo_data.load(load_settings())"
)
COUNTS = {
    "held": ("select count(*) from portal.case where held_at is not null and holder_id is not null", 1),
    "asked": (
        "select count(*) from portal.case c join portal.case_task t on t.case_id = c.id and t.state = 'open'"
        " where c.waits_for = 'resident' and c.holder_id is not null",
        1,
    ),
    "merged": ("select count(*) from portal.case where merged_into_id is not null", 1),
    "rated": ("select count(*) from portal.case where rating = 5", 1),
    "templates": ("select count(*) from portal.response_template where version = 1", 4),
    "rules": ("select count(*) from portal.routing_rule", 2),
    "notes": ("select count(*) from portal.case_note", 2),
    "staff": ("select count(distinct name) from portal.staff_member where name <> ''", len(COLLEAGUES)),
    "acts of nobody": ("select count(*) from portal.case_event where actor = 'staff:demo'", 0),
    "acts without a look": (
        "select count(*) from portal.case_event e where actor like 'staff:%' and not exists (select from"
        " portal.staff_look l where l.case_id = e.case_id and 'staff:' || l.staff_id = e.actor and l.looked_at < e.at)",
        0,
    ),
    "members": ("select count(*) from portal.staff_member", len(COLLEAGUES)),
}


def test_staff_have_done_some_of_everything_once(clean_database: str, cleaning_engine: Engine, tmp_path: Path) -> None:
    for port in (8123, 8123, 8124):  # the second time nothing is new; the third the address is another
        environment = demo_environment(port, clean_database, tmp_path)
        subprocess.run([sys.executable, "-c", LOAD], env=environment, check=True)
        with cleaning_engine.connect() as connection:
            found = {name: connection.execute(text(query)).scalar_one() for name, (query, _many) in COUNTS.items()}
        assert found == {name: many for name, (_query, many) in COUNTS.items()}
