"""What a check is: a name, the rule that it holds, and a function that looks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portal.conformance.findings import Look
from portal.conformance.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule. `judge` looks at everything that the rule is about and says what it saw, good things too.

    `name` is what `--only` takes and what CI shows; `holds` is the rule in a sentence; `mend` says in general what to
    do, each finding in particular. A check leaves the house as it found it, or says so by `spoils`: those come last.
    """

    name: str
    holds: str
    mend: str
    judge: Callable[[House], Iterable[Look]]
    needs_browser: bool = False
    spoils: bool = False
