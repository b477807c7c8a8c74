import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data():
    """Real video, detections, trajectories and truth, beside the repository."""
    return Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def replay():
    """Run `vitrina replay SOURCE --out OUT ...` as a user would; its summary."""

    def run(source, out, *options):
        command = [sys.executable, "-m", "vitrina", "replay", str(source), "--out", str(out), *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads((out / "summary.json").read_text())

    return run
