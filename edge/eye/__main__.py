"""`python -m edge.eye`, as the supervisor starts it."""

import sys

from edge.eye.run import run_eye
from edge.jobs import EyeJob
from edge.process import run_process

sys.exit(run_process(EyeJob, run_eye))
