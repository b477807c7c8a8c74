import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from vitrina.cli import COMMANDS, cli

ROOT = Path(__file__).parents[3]


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "vitrina", *arguments], capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_in_the_help_exists(name):
    done = CliRunner().invoke(cli, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert name in CliRunner().invoke(cli, ["--help"]).output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--version"], 0, "vitrina, version"),
        (["replay", "none.mp4", "--out", "/tmp/vitrina-none"], 1, "error: none.mp4: no such file"),
        (["replay"], 2, "Missing argument"),
        (["replay", "x.mp4", "--out", "/tmp/vitrina-none", "--fps", "-1"], 2, "--fps"),
        (["nothing"], 2, "No such command"),
        (["edge", "run", "--config", "none.yaml"], 2, "none.yaml"),
        (["server", "run", "--config", "none.yaml"], 2, "none.yaml"),
        (["replay", "x.mp4", "--site", "none.yaml", "--out", "/tmp/vitrina-none"], 2, "none.yaml: cannot be read"),
        (["replay", "x.mp4", "--model", "yolo99", "--out", "/tmp/vitrina-none"], 1, "x.mp4: no such file"),
    ],
)
def test_exit_codes_and_one_clear_line(arguments, code, words):
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_readme_and_docs_name_only_commands_that_exist():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for name in re.findall(r"^\s*vitrina ([a-z]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert name in COMMANDS, f"{page.name}: vitrina {name}"
