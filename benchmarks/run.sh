#!/usr/bin/env bash
# Side by side with peers, in an environment of their own: they bring packages that Vitrina must not have.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${BENCH_VENV:-.venv-bench}
if [ ! -x "$venv/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --editable '.[openvino]' supervision trackers norfair
fi
"$venv/bin/python" benchmarks/tracker_speed.py
"$venv/bin/python" benchmarks/after_detector.py
"$venv/bin/python" benchmarks/detector_runtime.py
