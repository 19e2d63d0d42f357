"""What the checks found, for people at a terminal."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from portal.conformance.findings import Finding, Outcome
from portal.conformance.judging import many

WIDTH: Final = 110
NAME: Final = 10
"""The longest name of a check."""


def lines(outcome: Outcome) -> Iterator[str]:
    """What one check came to: one line when it holds, more when it does not."""
    yield f"{_mark(outcome)}  {outcome.check.ljust(NAME)}  {outcome.left_out or outcome.holds}"
    for where, finding in outcome.findings:
        yield from _finding(where, finding)


def _mark(outcome: Outcome) -> str:
    if outcome.left_out:
        return "-   "
    return "bad " if outcome.findings else "good"


def _finding(where: str, finding: Finding) -> Iterator[str]:
    yield from _wrapped(f"{where}: {finding.what}", " " * 6)
    place = f"{finding.place}  " if finding.place else ""
    yield from _wrapped(f"→ {place}{finding.mend}", " " * 8)


def _wrapped(text: str, margin: str) -> Sequence[str]:
    """Within the width; addresses and file names stay whole."""
    return wrap(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )


def count(slug: str, outcomes: Sequence[Outcome]) -> str:
    """The last line: how much is wrong, and how much was looked at."""
    run = [each for each in outcomes if not each.left_out]
    looks, found = sum(len(each.looks) for each in run), many(outcomes)
    wrong = "nothing is wrong" if not found else "1 finding" if found == 1 else f"{found} findings"
    return f"{slug}: {wrong}, in {len(run)} checks of {looks} things."
