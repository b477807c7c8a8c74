import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from edge.config import EdgeConfig, check_cameras, load_config, load_site
from edge.errors import ConfigError
from edge.schemas import SCHEMAS, schema_text

GROUNDS = {"basis": "Art. 6(1)(a)", "notice": "A test", "contact": "a@b.example", "until": "2026-12-31"}
CONFIG = Path(__file__).parents[3] / "config"
MINIMAL = {"box": "box-1", "site": "site.yaml", "cameras": {"door": {"source": "rtsp://10.0.0.1/1"}}}


@pytest.fixture
def load(tmp_path):
    def load(environ=None, **changes):
        path = tmp_path / "edge.yaml"
        path.write_text(yaml.safe_dump(MINIMAL | changes))
        return load_config(path, environ or {})

    return load


def test_the_example_is_valid_and_fits_its_site():
    config = load_config(CONFIG / "edge.yaml", {"ENTRANCE_PASSWORD": "pa$$"})
    check_cameras(config, load_site(config.site))
    assert config.cameras["entrance"].source == "rtsp://camera:pa$$@192.168.1.20/stream1"
    assert config.outbox.path == CONFIG / "outbox.db"


def test_what_the_example_comments_out_is_valid_too():
    example = (CONFIG / "edge.yaml").read_text()
    raw = yaml.safe_load(re.sub(r"^(  +)# (\s*[a-z_]+:( .*)?)$", r"\1\2", example, flags=re.MULTILINE))
    config = EdgeConfig.model_validate(raw)
    assert config.broker.tls.key == Path("box-1.key")
    assert config.cameras["rehearsal"].loop


def test_the_grounds_for_demographics_that_the_example_comments_out_are_valid_too():
    example = (CONFIG / "edge.yaml").read_text().replace("profile: objects", "profile: demographics")
    raw = yaml.safe_load(re.sub(r"^# (demographics:|  [a-z]+: .*)$", r"\1", example, flags=re.MULTILINE))
    config = EdgeConfig.model_validate(raw)
    assert config.demographics.until == date(2026, 12, 31)
    assert config.demographics.contact == "privacy@corner-shop.example"


def test_paths_are_relative_to_the_file_and_defaults_too(load, tmp_path):
    (tmp_path / "clip.mp4").touch()
    config = load(cameras={"door": {"source": "clip.mp4"}}, broker={"tls": {"ca": "ca.pem"}})
    assert config.site == tmp_path / "site.yaml"
    assert config.outbox.path == tmp_path / "outbox.db"
    assert config.cameras["door"].source == str(tmp_path / "clip.mp4")
    assert config.broker.tls.ca == tmp_path / "ca.pem"


def test_a_secret_comes_from_the_environment_and_is_not_shown(load):
    config = load({"PW": "hunter2"}, broker={"username": "box", "password": "${PW}"})
    assert config.broker.password == "hunter2"
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"boxx": 1}, r"edge\.yaml: boxx: unknown key"),
        ({"box": "Box 1"}, r"edge\.yaml: box: "),
        ({"input_side": 400}, "input_side: .*multiple of 32"),
        ({"runtime": "tensorrt"}, "runtime: .*'onnxruntime' or 'openvino'"),
        ({"threads": 0}, "threads: .*greater than or equal to 1"),
        ({"cameras": {}}, "cameras: .*at least 1 item"),
        ({"cameras": {"door": {"source": "x", "fps": 0}}}, "cameras.door.fps: .*greater than 0"),
        ({"cameras": {"door": {}}}, "cameras.door.source: missing"),
        ({"outbox": {"max_mb": -1}}, "outbox.max_mb: "),
        ({"broker": {"port": 99999}}, "broker.port: "),
        ({"broker": {"password": "open"}}, r"broker\.password: a password has no place in this file; write \$\{NAME\}"),
        ({"broker": {"password": "half${PW}"}}, "broker.password: a password has no place"),
        ({"broker": {"password": "${PW}"}}, "broker.password: environment variable PW is not set"),
        ({"broker": {"host": "${HOST}"}}, "broker.host: .*stands only in"),
        ({"cameras": {"door": {"source": "rtsp://a:secret@h/1"}}}, "cameras.door.source: a password has no place"),
        ({"profile": "spying"}, "profile: .*'counting', 'objects' or 'demographics'"),
        (
            {"profile": "demographics"},
            "needs demographics and operator: .*basis, the notice.*a contact and the last day",
        ),
        ({"profile": "demographics", "demographics": GROUNDS}, "needs operator: who runs the cameras"),
        (
            {"profile": "demographics", "operator": "A", "demographics": GROUNDS | {"basis": "  "}},
            "demographics.basis: ",
        ),
        *(
            (
                {
                    "profile": "demographics",
                    "operator": "A",
                    "demographics": {k: v for k, v in GROUNDS.items() if k != key},
                },
                rf"edge\.yaml: demographics\.{key}: missing",
            )
            for key in GROUNDS
        ),
        ({"demographics": GROUNDS | {"until": "soon"}}, "demographics.until: .*valid date"),
        ({"smallest_cell": 4}, "smallest_cell: .*greater than or equal to 5"),
        ({"smallest_cell": 101}, "smallest_cell: .*less than or equal to 100"),
        ({"broker": {"tls": {"insecure": True}}}, "broker.tls.insecure: unknown key"),
        ({"broker": {"tls": {"cert": "a.pem"}}}, "broker.tls: cert and key belong together"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(load, changes, told):
    with pytest.raises(ConfigError, match=told) as raised:
        load(**changes)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [("a: [", "not YAML"), ("- 1\n- 2", "valid dictionary"), ("!!python/object:os.system {}", "not YAML")],
)
def test_a_file_that_is_no_such_document_is_refused(tmp_path, text, told):
    path = tmp_path / "edge.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=f"edge.yaml.*{told}"):
        load_config(path, {})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.yaml: cannot be read"):
        load_site(tmp_path / "absent.yaml")


def test_a_camera_that_the_site_lacks_is_named(load):
    config = load(cameras={"vault": {"source": "x"}, "aisles": {"source": "y"}})
    with pytest.raises(ConfigError, match="corner-shop.*no camera vault; it has entrance, aisles"):
        check_cameras(config, load_site(CONFIG / "site.yaml"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_for_editors_are_up_to_date(name):
    assert (CONFIG / name).read_text() == schema_text(name), f"run python -m edge.schemas {CONFIG}"
    assert json.loads(schema_text(name))["additionalProperties"] is False
