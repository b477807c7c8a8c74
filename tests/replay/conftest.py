from pathlib import Path

import av
import pytest
from click.testing import CliRunner

from vitrina.cli import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """The first four seconds of the demo clip, as a file of its own."""
    path = tmp_path_factory.mktemp("clip") / "four-seconds.mp4"
    with av.open(str(ROOT / "config" / "demo" / "vtest.mp4")) as source, av.open(str(path), "w") as target:
        video = source.streams.video[0]
        stream = target.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is None or packet.pts * packet.time_base >= 4:
                break
            packet.stream = stream
            target.mux(packet)
    return path


@pytest.fixture
def vitrina():
    """Call the command line in this process: exit code, what it said, and the exception it raised."""

    def call(*arguments):
        return CliRunner().invoke(cli, [str(argument) for argument in arguments])

    return call


@pytest.fixture(scope="session")
def demo_site():
    return ROOT / "config" / "demo" / "site.yaml"
