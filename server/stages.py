"""What is decided at once: a screen, or the screens of a group that show the same at the same moment."""

from collections import defaultdict
from dataclasses import dataclass

from contract.site import Site


@dataclass(frozen=True, slots=True)
class Stage:
    """Screens in step, in order of their ids. What is drawn for `lead`, the first, such as its arm, holds for all."""

    screens: tuple[str, ...]
    portrait: bool | None
    """None: some stand upright and some do not."""

    @property
    def lead(self) -> str:
        """The screen by whose id arms and choices are drawn."""
        return self.screens[0]


def stages(site: Site) -> tuple[Stage, ...]:
    """Every screen of the site, each in one stage."""
    together: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for key, screen in sorted(site.screens.items()):
        together[("group", screen.group) if screen.in_step and screen.group else ("screen", key)].append(key)
    return tuple(Stage(tuple(keys), _shape(site, keys)) for keys in together.values())


def _shape(site: Site, keys: list[str]) -> bool | None:
    shapes = {site.screens[key].portrait for key in keys}
    return shapes.pop() if len(shapes) == 1 else None


def leads(site: Site) -> dict[str, str]:
    """By whose id a screen's arms and choices are drawn: its own, or that of the first it is in step with."""
    return {screen: stage.lead for stage in stages(site) for screen in stage.screens}
