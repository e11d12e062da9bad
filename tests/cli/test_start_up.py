from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import pytest
import typer

from orrery.base.errors import StoreError
from orrery.cli import data
from orrery.cli.main import app, main

HEAVY = ("duckdb", "httpx", "jax", "matplotlib", "numpy", "pandas", "rich", "scipy", "xarray", "zarr")
"""What must not be imported before a command needs it. (Typer itself imports pydantic for a command with options.)"""

Commands = Iterator[tuple[str, typer.core.TyperCommand]]


def _commands(group: typer.core.TyperGroup, path: str) -> Commands:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command  # type: ignore[misc]


COMMANDS = dict(_commands(typer.main.get_command(app), "orrery"))  # type: ignore[arg-type]


def code_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


@pytest.mark.parametrize("arguments", [["--help"], ["data", "--help"], ["data", "add", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from orrery.cli.main import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], sep=',', file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "\n")
    assert ended.stdout


@pytest.mark.parametrize("path", COMMANDS)
def test_help_has_an_example_of_the_command(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(*path.split()[1:], "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"Example: {path} " in text


def test_the_data_commands_are_all_there() -> None:
    names = {path.removeprefix("orrery ") for path in COMMANDS}
    assert names >= {"sql", *(f"data {name}" for name in ("list", "show", "add", "pull", "verify", "cite"))}


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("--version") == 0
    assert capsys.readouterr().out == f"orrery {version('orrery')}\n"


def test_no_command_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of() == 2
    printed = capsys.readouterr()
    assert "Usage: orrery" in printed.out + printed.err


def test_an_expected_error_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise StoreError("the store\nis away")

    monkeypatch.setattr(data, "_store", fail)
    assert code_of("data", "verify") == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "Error: the store is away\n")


def test_an_unexpected_error_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(data, "_store", fail)
    with pytest.raises(ZeroDivisionError):
        main(["data", "verify"])


def test_an_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "_store", interrupt)
    assert code_of("data", "verify") == 130
    assert "Traceback" not in capsys.readouterr().err
