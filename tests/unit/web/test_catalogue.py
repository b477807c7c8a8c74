import re
from pathlib import Path

import pytest

import server.web
from contract.messages import AudienceCell, Heatmap, LineStats, Live, ScreenAudience, ScreenStats, Window, ZoneStats
from server.web.catalogue import FIELDS, chapters, parse

WEB = Path(server.web.__file__).parent
ROOT = WEB.parents[1]
PUBLISHED = (Window, LineStats, ZoneStats, Heatmap, Live, ScreenStats, ScreenAudience, AudienceCell)


def entries(code):
    return {entry.key: entry for chapter in chapters(code) for entry in chapter.entries}


@pytest.mark.parametrize("code", ["en", "ru"])
def test_every_published_field_has_an_entry(code):
    told = {name for entry in entries(code).values() for name in re.findall(r"[\w.]+", entry.facts.get("fields", ""))}
    fields = {
        f"{model.__name__}.{field.alias or name}" for model in PUBLISHED for name, field in model.model_fields.items()
    }
    assert fields - told == set()
    assert told - fields == set()


@pytest.mark.parametrize("code", ["en", "ru"])
def test_entries_are_whole(code):
    for entry in entries(code).values():
        assert set(FIELDS) - {"fields"} <= entry.facts.keys(), entry.key
        assert entry.text, entry.key


def test_languages_define_the_same():
    assert list(entries("en")) == list(entries("ru"))
    for key, entry in entries("en").items():
        other = entries("ru")[key].facts
        assert (entry.facts["version"], entry.facts.get("fields")) == (other["version"], other.get("fields")), key


def test_figures_on_the_pages_are_defined():
    used = set()
    for path in WEB.rglob("*"):
        if path.suffix == ".html":
            used |= set(re.findall(r'metric\(view, "([a-z_]+)"', path.read_text()))
        if path.suffix == ".py":
            used |= set(re.findall(r'(?:Figure|PanelRow)\(\s*"([a-z_]+)"', path.read_text()))
    assert len(used) > 10
    assert used - entries("en").keys() == set()


def test_the_documentation_holds_the_same_text():
    assert (ROOT / "docs/metrics.md").read_text() == (WEB / "catalogue/en.md").read_text()


def test_an_entry_out_of_shape_is_told():
    with pytest.raises(ValueError, match="Visits"):
        parse("## Zones\n### Visits\ntext")
