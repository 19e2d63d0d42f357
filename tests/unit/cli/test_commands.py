"""The command line: quick, complete, and plain about what is wrong."""

import subprocess
import sys
import time

import click
import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.cli.lazy import LazyGroup
from portal.cli.settings_sheet import sheet
from portal.errors import Refused, SetupError
from portal.settings import Settings


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
