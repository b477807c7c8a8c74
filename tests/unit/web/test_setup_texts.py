"""The scripts of the set-up page ask for texts by keys; what they ask for is there, and nothing else."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import server.web
from server.web.language import Words
from server.web.setup_texts import texts

SCRIPTS = Path(server.web.__file__).parent / "static/setup"
WITH_A_PREFIX = ("kind_", "part_", "thing_", "count_", "change_", "corner_", "hint_")


@pytest.fixture(params=["en", "ru"])
def known(request):
    return texts(Words(request.param, ZoneInfo("UTC")))


def written():
    """Every string in the scripts that could be a key."""
    found = set()
    for path in SCRIPTS.glob("*.js"):
        found |= set(re.findall(r'"([A-Za-z_0-9]+)"', path.read_text()))
    return found


def asked():
    """Keys asked for by name."""
    return {key for path in SCRIPTS.glob("*.js") for key in re.findall(r'\bsay\("(\w+)"', path.read_text())}


def test_what_the_scripts_ask_for_is_there(known):
    assert asked() - known.keys() == set()


def test_nothing_is_kept_that_no_script_asks_for(known):
    by_name = {key for key in known if not key.startswith(WITH_A_PREFIX)}
    assert by_name - written() == set()


def test_what_goes_with_a_number_has_every_form(known):
    plural = {key: value for key, value in known.items() if not isinstance(value, str)}
    assert "nChanges" in plural
    for key, forms in plural.items():
        assert forms.keys() == {"one", "few", "many", "other"}, key
        assert all(forms.values()), key


def test_facts_are_marked_in_pairs(known):
    for key, value in known.items():
        for form in [value] if isinstance(value, str) else value.values():
            assert form.count("*") % 2 == 0, key
