"""What the supervisor tells its processes to do; it travels on their stdin, because it holds secrets."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from contract.ids import Id
from contract.messages import Confusion, Trait
from contract.segments import SMALLEST_CELL, Profile
from contract.site import Site
from edge.config import CameraSettings, EdgeConfig
from edge.runtime import Runtime


class GateJob(BaseModel):
    """What the supervisor tells the gate to do. `address`: the socket on which it hears the eyes.

    `profile` is the one in force, which may be less than the configuration's; `confusion` how its face networks err.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: EdgeConfig
    site: Site
    profile: Profile = "objects"
    confusion: dict[Trait, Confusion] = {}
    address: Path
    health_every_s: float = 30.0
    settle_s: float = 15.0


class EyeJob(BaseModel):
    """What the supervisor tells an eye to do. `address`: the gate's socket; `restarts`: how often it was replaced.

    `profile` is the one in force, which may be less than the configuration's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cameras: dict[Id, CameraSettings]
    site: Site
    profile: Profile = "objects"
    model: str
    input_side: int
    runtime: Runtime
    threads: int
    window_s: float
    smallest_cell: int = SMALLEST_CELL
    address: Path
    restarts: int = 0
