"""What the documents promise: every command they name exists, every example runs, every command is documented."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
from pathlib import Path

import pytest
import typer
from click.testing import CliRunner

from orrery.cli.main import app

ROOT = Path(__file__).parents[1]
LITERATURE = sorted((ROOT / "literature").glob("*.py"))
EXAMPLES = sorted((ROOT / "examples").glob("0*.py"))
COMMANDS = typer.main.get_command(app)


def leaves(group, words=()):
    for name, command in group.commands.items():
        yield from leaves(command, (*words, name)) if hasattr(command, "commands") else [(*words, name)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_runs_and_prints(example, capsys):
    runpy.run_path(str(example), run_name="__main__")
    assert len(capsys.readouterr().out.splitlines()) >= 3


def test_every_command_in_the_readme_exists():
    text = (ROOT / "README.md").read_text("utf-8")
    named = [shlex.split(line) for line in re.findall(r"`orrery ([^`]+)`", text)]
    assert len(named) >= 10
    known = set(leaves(COMMANDS))
    for words in named:
        assert any(tuple(words[: len(path)]) == path for path in known), words


@pytest.mark.parametrize("path", sorted(leaves(COMMANDS)), ids=" ".join)
def test_every_command_explains_itself_and_stands_in_the_readme(path):
    answer = CliRunner().invoke(COMMANDS, [*path, "--help"])
    assert answer.exit_code == 0
    assert "Example: orrery " + " ".join(path) in " ".join(answer.output.split())
    assert f"orrery {' '.join(path)}" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("path", LITERATURE, ids=lambda path: path.stem)
def test_every_published_result_names_its_source_and_is_asserted(path):
    tree = ast.parse(path.read_text("utf-8"))
    reference = ast.get_docstring(tree) or ""
    assert path.stem.rpartition("_")[2] in reference
    assert re.search(r"doi:10\.\d{4,}/\S|no DOI", reference)
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert tests
    for test in tests:
        checks = (isinstance(node, ast.Assert) or "assert_allclose" in ast.dump(node) for node in ast.walk(test))
        assert any(checks), test.name


def test_the_measuring_commands_in_their_document_exist_with_their_options():
    text = (ROOT / "docs" / "measure.md").read_text("utf-8")
    named = [tuple(shlex.split(line)) for line in re.findall(r"(?m)^    orrery (.+)$", text)]
    known = {path: COMMANDS.commands[path[0]].commands[path[1]] for path in leaves(COMMANDS) if len(path) == 2}
    for words in named:
        allowed = {option for parameter in known[words[:2]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= allowed, words
    assert {words[:2] for words in named} == {path for path in known if path[0] in ("measure", "vote")}


def test_the_python_in_the_measuring_document_runs():
    text = (ROOT / "docs" / "measure.md").read_text("utf-8")
    (block,) = re.findall(r"(?s)```python\n(.*?)```", text)
    names: dict = {}
    exec(compile(block, "docs/measure.md", "exec"), names)
    assert names["points"].to_frame()["ideal_point"].notna().all()


def test_the_scenario_in_the_readme_is_valid(tmp_path):
    from orrery.lab.scenario import load_scenario

    block = re.search(r'(?m)(^    name = "closing"(?:\n(?:    .*)?)+)', (ROOT / "README.md").read_text("utf-8"))
    assert block is not None
    path = tmp_path / "closing.toml"
    path.write_text(re.sub(r"(?m)^    ", "", block[1]), "utf-8")
    assert load_scenario(path).moves[0].lever == "connectedness_shock"


def test_the_public_names_are_listed_and_there():
    import orrery

    assert orrery.__all__ == sorted(orrery.__all__)
    for name in orrery.__all__:
        assert getattr(orrery, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = orrery.nothing


def test_the_table_of_variables_is_the_registry():
    from orrery.data.variables import VARIABLES

    text = (ROOT / "docs" / "data.md").read_text("utf-8")
    rows = [
        f"| `{v.name}` | {', '.join(v.axes)} | {v.unit} | {', '.join(v.sources) or 'own table'} "
        f"| {f'{v.carry_forward} years' if 'year' in v.axes else '-'} | {'yes' if v.in_baseline else 'no'} |"
        for v in VARIABLES.values()
    ]
    assert "\n".join(rows) in text
