import re
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner

from server.cli import server
from server.db.engine import connect, migrate
from server.db.tables import metadata
from server.errors import DatabaseError, ServerError, SettingsError


@pytest.fixture
def vitrina(settings, tmp_path, monkeypatch):
    """`vitrina("token", "list")`: what the command said, run from another folder; with `code` 1 it is our error."""
    settings()
    monkeypatch.chdir("/")

    def run(*words, code=0, typed=None):
        result = CliRunner().invoke(server, [*words, "--config", str(tmp_path / "server.yaml")], input=typed)
        assert result.exit_code == code, result.output
        assert isinstance(result.exception, ServerError if code else (SystemExit, type(None)))
        return str(result.exception) if code else result.output

    return run


def test_a_token_is_made_listed_and_revoked(vitrina, serve):
    secret = vitrina("token", "create", "import", "--role", "admin").strip()
    client = serve()
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/tokens", headers=headers).status_code == 200
    listed = vitrina("token", "list")
    assert re.search(r"^ +1 +admin +\d{4}-\d\d-\d\d \d\d:\d\dZ +\d{4}-.* - +import$", listed, re.MULTILINE)
    assert secret not in listed
    vitrina("token", "revoke", "1")
    assert client.get("/api/v1/tokens", headers=headers).status_code == 401
    assert "there is no working token 1" in vitrina("token", "revoke", "1", code=1)


def test_a_user_signs_in_with_the_password_typed(vitrina, serve):
    vitrina("user", "add", "anna", typed="a long password\na long password\n")
    client = serve()
    assert client.post("/login", data={"name": "anna", "password": "a long password"}).status_code == 303
    assert "give at least 10" in vitrina("user", "add", "bert", typed="short\nshort\n", code=1)


def test_links_are_made_and_revoked(vitrina, serve):
    first, second = (vitrina("link", "create").strip().partition("/login")[2] for _ in range(2))
    client = serve()
    clock_is_behind_by_less_than_the_link_lasts = client.get("/login" + first).status_code
    assert clock_is_behind_by_less_than_the_link_lasts == 303
    assert "2 login links" in vitrina("link", "revoke")
    assert client.get("/login" + second).status_code == 403


@pytest.mark.parametrize("words", [("run",), ("token", "list")])
def test_a_configuration_that_is_not_there(words):
    result = CliRunner().invoke(server, [*words, "--config", "/nowhere/server.yaml"])
    assert isinstance(result.exception, SettingsError)
    assert str(result.exception) == "/nowhere/server.yaml: cannot be read (No such file or directory)"


def test_the_migrations_make_exactly_the_tables(engine):
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_migrating_again_changes_nothing(engine):
    with engine.connect() as conn:
        before = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
    migrate(engine)
    with engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all() == before


def test_sqlite_is_set_for_a_reader_beside_the_writer(engine):
    with engine.connect() as conn:
        settings = [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
    assert settings == ["wal", 1]


@pytest.mark.parametrize("url", ["nonsense", "mongodb://x", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_does_not_open_is_said(url):
    with pytest.raises(DatabaseError, match="database"):
        migrate(connect(url))


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "x.db").write_text("a diary, not a database" * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        migrate(connect(f"sqlite:///{tmp_path / 'x.db'}"))


def test_a_database_of_a_later_version_is_not_touched(tmp_path):
    path = tmp_path / "later.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    with sqlite3.connect(path) as later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="newer"):
        migrate(engine)
    engine.dispose()
