"""Each planted fault and what the kit finds, one at a time, as a table for the README.

    .venv/bin/python -m tests.load.planted_faults [WORDS]

With WORDS only the faults of that name. Takes some seconds for each fault: a database, a walk and every check.
"""

import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from portal.cli.service_check import move_in
from portal.conformance.every import EVERY
from portal.conformance.house import house_for
from portal.conformance.judging import judge
from tests.support.planted import MORE, TOGETHER, Fault, plant
from tests.support.planted_office import FILES, OFFICE_FAULTS, WITH_OFFICE


def main(wanted: str) -> None:
    """Print the table."""
    print("| planted fault | check | finding |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for fault in (*TOGETHER, *MORE, *OFFICE_FAULTS):
            if wanted in fault.name:
                for check, what in found(Path(folder), fault):
                    print(f"| {fault.name} | {check} | {what.replace('|', '/')} |", flush=True)


def found(folder: Path, fault: Fault) -> Sequence[tuple[str, str]]:
    """What the checks say of a service with this fault: each sentence once. Of one with an office, that check alone."""
    at_office = fault in OFFICE_FAULTS
    name = f"planted_{uuid.uuid4().hex[:8]}"
    mounted = plant(folder, name, (WITH_OFFICE, fault) if at_office else (fault,), FILES if at_office else {})
    with house_for(mounted, (), move_in) as house:
        checks = [each for each in EVERY if not at_office or each.name == "office"]
        outcomes = list(judge(house, checks))
    return sorted({(each.check, finding.what) for each in outcomes for _, finding in each.findings})


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
