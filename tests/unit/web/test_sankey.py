import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.figures.sankey import Node, Ribbon, sankey

SVG = "{*}"


def node(key, href=None):
    return Node(key, key, "1", f"tip of {key}", href)


def drawn(left, right, ribbons):
    return ElementTree.fromstring(sankey([node(k) for k in left], [node(k) for k in right], ribbons, label="flows"))


def ribbon_paths(root):
    return [path.get("d") for path in root.iter() if "ribbon" in (path.get("class") or "")]


def edges(d):
    """(top left, top right, thickness) of a ribbon's path."""
    numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", d)]
    return numbers[1], numbers[7], numbers[8] - numbers[7]


names = st.lists(st.sampled_from("abcdef"), min_size=1, unique=True)


@given(names, names, st.data())
def test_ribbons_fill_their_nodes_and_do_not_overlap(left, right, data):
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(left), st.sampled_from(right)), min_size=1, unique=True))
    ribbons = [Ribbon(a, b, data.draw(st.integers(50, 500)), "") for a, b in pairs]
    root = drawn(left, right, ribbons)
    spans = [edges(d) for d in ribbon_paths(root)]
    assert len(spans) == len(ribbons)
    per_count = sum(thick for _, _, thick in spans) / sum(r.n for r in ribbons)
    for side in (0, 1):
        stacked = sorted((span[side], span[2]) for span in spans)
        for (y0, thick), (y1, _) in pairwise(stacked):
            assert y1 >= y0 + thick - 0.02
    assert sorted(thick for *_, thick in spans) == pytest.approx(sorted(r.n * per_count for r in ribbons), abs=0.03)


def test_names_are_escaped_and_a_place_that_can_be_chosen_is_a_link():
    shown = sankey(
        [Node("a", "<b>", "3", 'say "x"', "/flows?zone=a")], [node("z")], [Ribbon("a", "z", 3, "tip")], label="l"
    )
    assert "<b>" not in shown
    root = ElementTree.fromstring(shown)
    (link,) = [e for e in root.iter() if e.get("href")]
    assert (link.get("href"), link.get("data-tip")) == ("/flows?zone=a", 'say "x"')


def test_nothing_is_drawn_as_nothing():
    assert ribbon_paths(ElementTree.fromstring(sankey([], [], [], label="nothing"))) == []
