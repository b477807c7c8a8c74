"""An RTSP camera of Debian's gir1.2-gst-rtsp-server-1.0: `/usr/bin/python3 rtsp_server.py PORT WIDTH HEIGHT`."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 after the versions are chosen

PIPELINE = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width={},height={},framerate=10/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=5 ! rtph264pay name=pay0 pt=96 )"
)


def main(port: str, width: str, height: str) -> None:
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE.format(width, height))
    factory.set_shared(True)
    server = GstRtspServer.RTSPServer()
    server.set_service(port)
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main(*sys.argv[1:])
