"""The command line: quick, complete, and plain about what is wrong."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from portal.cli import main, services
from portal.cli.lazy import LazyGroup
from portal.cli.ports import read_bind, read_yes
from portal.cli.settings_sheet import sheet
from portal.errors import Refused, SetupError
from portal.settings.portal import Settings


def test_help_lists_every_command_with_its_own_first_sentence() -> None:
    answer = CliRunner().invoke(main.commands, ["--help"])
    assert answer.exit_code == 0
    for name, named in main.commands.places.items():
        command = main.commands.get_command(click.Context(main.commands), name)
        assert command is not None
        assert command.help is not None
        assert command.help.splitlines()[0] == named.line, name
        assert name in answer.output
        assert named.line in " ".join(answer.output.split())


def test_help_imports_none_of_the_heavy_libraries() -> None:
    asked = (
        "import sys; from portal.cli.main import commands; commands(['--help'], standalone_mode=False);"
        "sys.exit(bool({'flask', 'sqlalchemy', 'alembic', 'portal.app'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False, timeout=30)
    assert done.returncode == 0


def test_every_command_below_the_groups_has_a_help_text() -> None:
    def walk(command: click.Command, path: str) -> list[str]:
        silent = [] if command.help else [path]
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                silent += walk(inner, f"{path} {name}")
        return silent

    assert walk(main.commands, "moothall") == []


def _group_with(error: Exception) -> LazyGroup:
    @click.command()
    def fails() -> None:
        raise error

    group = LazyGroup(name="moothall", help="", headings={})
    group.get_command = lambda ctx, cmd_name: fails  # type: ignore[method-assign]  # a command without a module
    return group


@pytest.mark.parametrize("error", [SetupError("Mend the setting."), Refused("A rule says no.")])
def test_a_known_fault_is_one_sentence_and_status_1(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "commands", _group_with(error))
    monkeypatch.setattr(sys, "argv", ["moothall", "fails"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == str(error)  # Python prints a text on stderr and ends with status 1


def test_an_unknown_fault_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "commands", _group_with(ZeroDivisionError("a defect of ours")))
    monkeypatch.setattr(sys, "argv", ["moothall", "fails"])
    with pytest.raises(ZeroDivisionError):
        main.main()


def test_settings_sheet_names_every_setting_with_its_sentence() -> None:
    lines = "\n".join(sheet(Settings, "MOOTHALL_"))
    for variable in ("PUBLIC_URL", "COUNCIL__NAME", "PROVIDERS__NAME__ISSUER", "OWN_PROVIDER__MOUNTED", "MAIL__HOST"):
        assert f"#MOOTHALL_{variable}=" in lines
    assert lines.count("\n#MOOTHALL_") + 1 >= len(Settings.model_fields)
    assert "# At least 32 characters." in lines


def test_help_is_quick() -> None:
    begun = time.process_time()
    CliRunner().invoke(main.commands, ["--help"])
    assert time.process_time() - begun < 0.2


def _every(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _every(inner, (*path, name))


def test_no_line_of_a_help_text_is_cut() -> None:
    for path, command in _every(main.commands):
        if isinstance(command, click.Group):
            assert "..." not in CliRunner().invoke(main.commands, [*path, "--help"]).output.partition("Options:")[2], (
                path
            )


def test_every_option_has_a_help_text() -> None:
    silent = [
        (path, each.name)
        for path, command in _every(main.commands)
        for each in command.params
        if isinstance(each, click.Option) and not each.help
    ]
    assert silent == []


def test_what_needs_settings_of_its_own_says_so() -> None:
    for path in (["web"], ["worker"], ["provider", "serve"]):
        assert "not use the demo's" in " ".join(CliRunner().invoke(main.commands, [*path, "--help"]).output.split())


@pytest.mark.parametrize(
    "words",
    [
        ["web", "--workers", "0"],
        ["web", "--threads", "-1"],
        ["provider", "serve", "--workers", "0"],
        ["worker", "--concurrency", "0"],
        ["worker", "--grace", "-1"],
    ],
)
def test_a_number_that_does_nothing_is_refused(words: list[str]) -> None:
    answer = CliRunner().invoke(main.commands, words)
    assert answer.exit_code == 2
    assert words[-2] in answer.output


@pytest.mark.parametrize(
    "written", ["", "8000", "localhost", ":8000", "127.0.0.1:0", "127.0.0.1:99999", "a b:1", "::1:80"]
)
def test_an_address_that_is_none_is_refused_before_a_server_starts(written: str) -> None:
    answer = CliRunner().invoke(main.commands, ["web", "--bind", written])
    assert isinstance(answer.exception, SetupError)
    assert "--bind must be an address like 127.0.0.1:8000" in str(answer.exception)


@pytest.mark.parametrize("written", ["127.0.0.1:8000", "[::1]:80", "localhost:8010", "unix:/run/x.sock", "fd://3"])
def test_addresses_that_the_server_takes_are_taken(written: str) -> None:
    assert read_bind(written) == written


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere", "base"], "There is no schema nowhere. There are: portal"),
        (["portal", "zzzz"], "There is no revision zzzz of portal. There are: base, 0001, 0002"),
    ],
)
def test_what_cannot_be_downgraded_is_said_before_anything_is_asked(words: list[str], sentence: str) -> None:
    for more in ([], ["--yes"]):
        answer = CliRunner().invoke(main.commands, ["db", "downgrade", *words, *more], input="y\n")
        assert isinstance(answer.exception, SetupError)
        assert str(answer.exception).startswith(sentence)
        assert "Go on?" not in answer.output


def test_reset_is_said_plainly_or_not_at_all() -> None:
    assert all(read_yes("RESET", word) for word in ("1", "true", "YES", " yes "))
    assert not any(read_yes("RESET", word) for word in ("0", "no", "False", ""))
    answer = CliRunner().invoke(main.commands, ["demo"], env={"RESET": "maybe"})
    assert isinstance(answer.exception, SetupError)
    assert "RESET must be 1, true or yes" in str(answer.exception)


def test_switching_a_service_off_says_what_residents_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def nothing(*_: object) -> Iterator[None]:
        yield

    for name in ("command_settings", "transaction"):
        monkeypatch.setattr(services, name, nothing)
    monkeypatch.setattr(services, "switch_off", lambda *_args, **_values: None)
    help_text = " ".join(CliRunner().invoke(main.commands, ["service", "off", "--help"]).output.split())
    assert "This service is closed for the moment." in help_text
    cases: list[tuple[list[str], bool]] = [
        ([], False),
        (["--reason", "Shut."], True),
        (["--reason", "Shut.", "--reason-cy", "Ar gau."], False),
    ]
    for more, told in cases:
        answer = CliRunner().invoke(main.commands, ["service", "off", "reporting", *more])
        assert answer.exit_code == 0
        assert ("English reason" in answer.stderr) is told


def test_the_containers_leave_connections_of_a_plain_postgresql_for_commands() -> None:
    """Each process holds one for each thread and five beside (`portal.db.session.install`); a worker about ten."""
    compose = (Path(__file__).parents[3] / "docker" / "compose.yaml").read_text(encoding="utf-8")
    servers = re.findall(r'"--workers", "(\d+)", "--threads", "(\d+)"', compose)
    assert len(servers) == len(re.findall(r'"--bind"', compose)) == 2
    held = sum(int(workers) * (int(threads) + 5) for workers, threads in servers) + 10
    assert f"{held} of the 100" in compose
    assert held <= 90
