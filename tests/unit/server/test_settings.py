import re
from pathlib import Path

import pytest
import yaml

from server.errors import SettingsError
from server.settings import load, read_sites

SITE = {"site": "shop"}


@pytest.fixture
def written(tmp_path):
    def write(document, site=SITE):
        (tmp_path / "site.yaml").write_text(yaml.safe_dump(site))
        path = tmp_path / "server.yaml"
        path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
        return path

    return write


def test_files_are_taken_from_the_folder_of_the_configuration(written, tmp_path, monkeypatch):
    path = written({"sites": [{"file": "site.yaml", "simulated": True}]})
    monkeypatch.chdir("/")
    settings = load(path)
    assert settings.database == f"sqlite:///{tmp_path / 'vitrina.db'}"
    ((site, simulated),) = read_sites(settings)
    assert (site.site, simulated) == ("shop", True)


def test_secrets_come_from_the_environment(written, monkeypatch):
    path = written({"sites": [{"file": "site.yaml"}], "broker": {"username": "u", "password": "${SHOP_SECRET}"}})
    with pytest.raises(SettingsError, match=r"\$\{SHOP_SECRET\} is not set"):
        load(path)
    monkeypatch.setenv("SHOP_SECRET", "hush")
    settings = load(path)
    assert settings.broker.password.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


def test_another_database_is_left_as_it_is(written):
    url = "postgresql+psycopg://u@h/vitrina"
    assert load(written({"sites": [{"file": "site.yaml"}], "database": url})).database == url


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"sites": []}, "sites: List should have at least 1 item"),
        ({"sites": [{"file": "site.yaml"}], "brokr": {}}, "brokr: unknown key"),
        ({"sites": [{"file": "site.yaml"}], "web": {"port": 70_000}}, "web.port"),
        ({"sites": [{"file": "site.yaml"}], "retention": {"windows_days": 0}}, "retention.windows_days"),
        ("sites: [", "not YAML"),
        ("", "document: Input should be a valid dictionary"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(written, document, told):
    with pytest.raises(SettingsError) as caught:
        load(written(document))
    assert "server.yaml" in str(caught.value)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: cannot be read \(No such file"):
        load(tmp_path / "nowhere.yaml")


def test_a_wrong_site_is_named(written):
    with pytest.raises(SettingsError, match=r"site\.yaml: timezone: 'Mars/Base' is not a time zone"):
        read_sites(load(written({"sites": [{"file": "site.yaml"}]}, SITE | {"timezone": "Mars/Base"})))


def test_one_site_given_twice(written):
    with pytest.raises(SettingsError, match="'shop' is given twice"):
        read_sites(load(written({"sites": [{"file": "site.yaml"}, {"file": "site.yaml"}]})))


def test_the_example_loads_and_names_every_key():
    """config/server.yaml: its commented keys are there to be uncommented, so they are read too."""
    path = Path(__file__).parents[3] / "config" / "server.yaml"
    settings = load(path)
    assert read_sites(settings)
    text = path.read_text()
    for name, field in type(settings).model_fields.items():
        assert f"{name}:" in text
        inner = getattr(field.annotation, "model_fields", {})
        assert [key for key in inner if f" {key}:" not in text] == []


def test_what_is_commented_in_the_example_is_right(written):
    """The lines behind a `#` that are keys, uncommented: lists and parts that are None by default are read like this."""
    path = Path(__file__).parents[3] / "config" / "server.yaml"
    keys = [line.removeprefix("# ") for line in path.read_text().splitlines() if line.startswith("# ")]
    text = "\n".join(line for line in keys if re.match(r"( *(- )?[a-z_]+:( |$))", line))
    document = {name: part for name, part in yaml.safe_load(text).items() if name in {"webhooks", "folders", "mail"}}
    without_secrets = yaml.safe_load(re.sub(r"\$\{\w+\}", "x", yaml.safe_dump(document)))
    reports = {"weekly_reports": yaml.safe_load(text)["weekly_reports"]}
    settings = load(written({"sites": [{"file": "site.yaml"}]} | without_secrets | reports))
    assert settings.folders[0].mapping == "till"
    assert settings.mail.host == "smtp.example.org"
    assert settings.webhooks[0].tells == {"alarms"}
    assert settings.weekly_reports[0].hour == 7
