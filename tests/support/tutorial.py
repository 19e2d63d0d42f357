"""Follow a tutorial word by word: type its commands, make its changes, compare what is printed.

A block of the Markdown says by its first line what is to be done with it:

    ```console                  lines after `$ ` are typed, in the tree; the others are what is printed
    ```console whole            the same, where there is time for everything
    ```console whole, until …   started, looked at, and stopped
    ```python PATH              is written to that file
    ```diff PATH                lines with - become lines with +, among the lines around them, which are there once
    ```po PATH                  is added at the end of that file
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<about>[^\n]+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```", re.MULTILINE)
PATIENCE = 900


class Astray(AssertionError):
    """The tutorial says something that is not so, at this line of it."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is to be done at one place of the tutorial."""

    line: int
    kind: str
    about: str
    body: str

    @property
    def is_long(self) -> bool:
        """Whether it is for those who have the time."""
        return self.about.startswith("whole")


@dataclass(frozen=True, slots=True)
class Done:
    """What was done and how many seconds it took."""

    what: str
    seconds: float


def blocks(text: str) -> Sequence[Block]:
    """What a tutorial has one do, in order. Raises Astray for a block that says nothing of what it is for."""
    found = [
        Block(text.count("\n", 0, each.start()) + 1, each["kind"], each["about"] or "", each["body"])
        for each in BLOCK.finditer(text)
    ]
    if len(FENCE.findall(text)) != 2 * len(found):
        raise Astray("a block of the tutorial does not say of which kind it is")
    return found


def follow(text: str, tree: Path, environment: Mapping[str, str], *, whole: bool = False) -> Iterator[Done]:
    """Do in `tree` what the tutorial says. Raises Astray at the first thing that is not so."""
    for block in blocks(text):
        if block.is_long and not whole:
            continue
        if block.kind == "console":
            yield from _type(block, tree, environment)
            continue
        change = CHANGES.get(block.kind)
        if change is None:
            raise Astray(f"line {block.line}: nobody knows what to do with `{block.kind}`")
        began = time.monotonic()
        change(block, tree / block.about)
        yield Done(f"{block.kind} {block.about}", time.monotonic() - began)


def environment_for(tree: Path, shims: Path) -> Mapping[str, str]:
    """An environment in which `moothall`, `python` and `ruff` are those of the tests, on the code of the tree."""
    shims.mkdir(exist_ok=True)
    moothall = shims / "moothall"
    moothall.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m portal.cli.main "$@"\n')
    moothall.chmod(0o755)
    path = os.pathsep.join((str(shims), str(Path(sys.executable).parent), os.environ["PATH"]))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOOTHALL_", "PYTEST_"))}
    return {**kept, "PATH": path, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}


def _type(block: Block, tree: Path, environment: Mapping[str, str]) -> Iterator[Done]:
    for command, printed in _commands(block.body):
        began = time.monotonic()
        if "until Ctrl-C" in block.about:
            _look_and_stop(block, command, tree, environment)
        else:
            outcome = subprocess.run(
                command, shell=True, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE
            )
            if outcome.returncode:
                raise Astray(f"line {block.line}: `{command}` fails\n{outcome.stdout[-4000:]}{outcome.stderr[-2000:]}")
            if not _is_as_said(outcome.stdout, printed):
                raise Astray(f"line {block.line}: `{command}` prints\n{outcome.stdout}\nand not\n{printed}")
        yield Done(command, time.monotonic() - began)


def _commands(body: str) -> Iterator[tuple[str, str]]:
    """Each command, and what it prints."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _newline, printed = part.partition("\n")
        yield command, printed


def _is_as_said(printed: str, said: str) -> bool:
    pattern = ".*?".join(re.escape(part) for part in said.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def _look_and_stop(block: Block, command: str, tree: Path, environment: Mapping[str, str]) -> None:
    """Start what runs until it is stopped, wait for the address that it prints, and stop it."""
    process = subprocess.Popen(
        f"exec {command}", shell=True, cwd=tree, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        if not any("http://" in line for line in process.stdout):
            raise Astray(f"line {block.line}: `{command}` ended without an address")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _write(block: Block, path: Path) -> None:
    path.write_text(block.body)


def _add(block: Block, path: Path) -> None:
    path.write_text(f"{path.read_text().rstrip()}\n\n{block.body}")


def _change(block: Block, path: Path) -> None:
    lines = block.body.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text()
    if len(re.findall(f"(?=\n{re.escape(before)})", f"\n{text}")) != 1:  # looking ahead, it counts what overlaps
        raise Astray(f"line {block.line}: not once in {block.about}:\n{before}")
    path.write_text(f"\n{text}".replace(f"\n{before}", f"\n{after}")[1:])


CHANGES: Mapping[str, Callable[[Block, Path], None]] = {"python": _write, "diff": _change, "po": _add}
