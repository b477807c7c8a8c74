import pytest

from contract.site import Site
from edge.config import CameraSettings
from edge.sharing import borders, share_out


def cameras(names):
    return {name: CameraSettings(source=f"{name}.mp4") for name in names}


def touch(**pairs):
    return {frozenset(pair): length for pair, length in pairs.items()}


@pytest.mark.parametrize(
    ("names", "workers", "pairs", "expected", "reason"),
    [
        ("abcd", 2, {}, ["ab", "cd"], "no floor: in their order, as many each"),
        ("abcde", 2, {}, ["abc", "de"], "to within one"),
        ("ab", 4, {}, ["a", "b"], "no worker without a camera"),
        ("abcd", 2, {"ac": 5, "bd": 5}, ["ac", "bd"], "who touch stay together"),
        ("abcd", 2, {"ab": 1, "ac": 3, "ad": 2}, ["ac", "bd"], "the longest border first"),
        ("abcdef", 2, {"ad": 4, "de": 1, "bc": 2}, ["ade", "bcf"], "along the chain"),
        ("abcd", 2, {"ab": 9, "bc": 9, "cd": 9, "ad": 1}, ["ab", "cd"], "a fair share comes first"),
        ("abc", 1, {"ac": 1}, ["acb"], "one worker has them all"),
    ],
)  # fmt: skip
def test_who_shares_a_worker(names, workers, pairs, expected, reason):
    shares = share_out(cameras(names), workers, touch(**pairs))
    assert ["".join(share) for share in shares] == expected, reason
    assert all(share[name].source == f"{name}.mp4" for share in shares for name in share)


def camera(x0, x1):
    corners = [((x0, 0), (0.2, 0.2)), ((x1, 0), (0.8, 0.2)), ((x1, 4), (1, 1)), ((x0, 4), (0, 1))]
    return {"calibration": {"points": [{"image": image, "floor_m": place} for place, image in corners]}}


def test_borders_are_those_of_the_areas():
    site = Site.model_validate(
        {
            "site": "s",
            "floor": {"bounds_m": [[0, 0], [15, 4]]},
            "cameras": {"right": camera(9, 15), "left": camera(0, 6), "middle": camera(4, 11), "yard": {}},
        }
    )
    found = borders(site)
    longest = sorted(found, key=found.__getitem__)[-2:]
    assert set(longest) == {frozenset(("left", "middle")), frozenset(("middle", "right"))}
    assert all(found[pair] >= 8 for pair in longest), "four metres of half-metre cells"


def test_a_site_without_a_floor_has_no_borders():
    assert borders(Site.model_validate({"site": "s", "cameras": {"a": {}, "b": {}}})) == {}
