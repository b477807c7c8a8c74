from datetime import UTC, datetime

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from contract.documents import validate
from contract.site import Site
from server.db.site_versions import as_json
from server.site_yaml import dump_site

points = st.lists(st.tuples(st.floats(0, 8, allow_nan=False), st.floats(0, 6)), min_size=2, max_size=2, unique=True)


@example(name="", who="", zone="\x85", ends=[(0.0, 0.0), (0.0, 1.0)])  # a line break of its own to PyYAML
@given(name=st.text(max_size=30), who=st.text(max_size=20), zone=st.text(max_size=20), ends=points)
def test_whatever_it_is_called_the_file_holds_the_same_document(name, who, zone, ends):
    site = validate(
        Site,
        {
            "site": "shop",
            "name": name,
            "floor": {
                "bounds_m": [[0, 0], [8, 6]],
                "fixtures": [{"name": zone, "polygon_m": [[0, 0], [1, 0], [1, 1]]}],
            },
            "lines": {"door": {"name": zone, "ends_m": ends}},
        },
        name="made",
    )
    text = dump_site(as_json(site, 7), saved_by=who, saved_at=datetime(2026, 11, 22, tzinfo=UTC))
    assert validate(Site, yaml.safe_load(text), name="file") == site.model_copy(update={"version": 7})
    assert text.startswith("# ")
    assert text.splitlines()[3] == "site: shop"
