from xml.etree import ElementTree

from contract.site import Site
from server.domain.flows import transitions
from server.web import plan
from server.web.flow_lines import flow_lines
from server.web.plan import Overlay

SITE = Site.model_validate(
    {
        "site": "shop",
        "floor": {"bounds_m": [[0, 0], [10, 10]]},
        "zones": {
            "a": {"polygon_m": [[0, 0], [2, 0], [2, 2], [0, 2]]},
            "b": {"polygon_m": [[8, 8], [10, 8], [10, 10], [8, 10]]},
        },
    }
)


def elements(counts):
    ground = plan.grounds(SITE, {})[0]
    layer = flow_lines(ground, transitions(counts), tip=lambda s: f"{s.source}-{s.target}", number=str)
    root = ElementTree.fromstring(plan.draw(ground, Overlay(above=layer), label="plan"))
    return {
        name: [e for e in root.iter() if e.get("class") == name] for name in ("flow-edge", "flow-number", "mark flow")
    }


def test_only_what_goes_between_zones_of_the_plan_is_drawn():
    found = elements({("a", "b"): 100, ("ENTRY", "a"): 50, ("b", "EXIT"): 20, ("b", "LOST"): 3, ("b", "gone"): 9})
    assert [e.get("data-tip") for e in found["mark flow"]] == ["a-b"]


def test_width_grows_with_the_count_and_only_large_ones_are_numbered():
    found = elements({("a", "b"): 400, ("b", "a"): 25})
    small, large = (float(e.get("stroke-width")) for e in found["flow-edge"])
    assert large / small == 4
    assert [e.text for e in found["flow-number"]] == ["400"]


def test_there_and_back_lie_apart():
    found = elements({("a", "b"): 100, ("b", "a"): 100})
    one, other = (e.get("d").split("Q")[1].split()[:2] for e in found["flow-edge"])
    assert one != other
