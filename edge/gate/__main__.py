"""`python -m edge.gate`, as the supervisor starts it."""

import sys

from edge.gate.run import run_gate
from edge.jobs import GateJob
from edge.process import run_process

sys.exit(run_process(GateJob, run_gate))
