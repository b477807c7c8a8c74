from contract.site import Site
from server.stages import leads, stages


def site(**screens):
    found = {key: {"at_m": [1, 1]} | screen for key, screen in screens.items()}
    return Site.model_validate({"site": "shop", "floor": {"bounds_m": [[0, 0], [4, 3]]}, "screens": found})


def test_screens_in_step_are_one_stage_and_others_of_the_group_are_not():
    step = {"group": "wall", "in_step": True}
    of = site(b=step, a=step, c={"group": "wall"}, d={"group": "till", "in_step": True}, wall={})
    assert [stage.screens for stage in stages(of)] == [("a", "b"), ("c",), ("d",), ("wall",)]
    assert leads(of) == {"a": "a", "b": "a", "c": "c", "d": "d", "wall": "wall"}


def test_a_stage_is_upright_if_all_of_it_is():
    step = {"group": "wall", "in_step": True}
    both = site(a=step, b=step | {"portrait": True})
    upright = site(a=step | {"portrait": True}, b=step | {"portrait": True}, c={})
    assert [stage.portrait for stage in stages(both)] == [None]
    assert [stage.portrait for stage in stages(upright)] == [True, False]
