#!/usr/bin/env bash
# Debian packages that the tests drive: a browser, an RTSP camera, npm's packing. Does nothing when all are there.
set -euo pipefail

packages=(
  chromium fonts-inter                                                            # tests/browser
  python3-gi gir1.2-gst-rtsp-server-1.0                                           # tests/integration/test_rtsp.py
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly   # its picture and its H.264
  openssl                                                                         # certificates of a broker with TLS
  npm                                                                             # vitrina models build
)

# A tool that is there by other means needs no package.
command -v npm >/dev/null && packages=("${packages[@]/npm/}")
command -v chromium >/dev/null && packages=("${packages[@]/chromium/}")

missing=()
for package in "${packages[@]}"; do
  [ -n "$package" ] || continue
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Not a Debian system. Tests that need these are skipped until they are installed: ${missing[*]}" >&2
elif [ "$(id -u)" -ne 0 ]; then
  echo "Tests that need these are skipped until they are installed: sudo apt-get install ${missing[*]}" >&2
else
  apt-get update --quiet=2
  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}"
fi
