"""GStreamer's RTSP server with small test pictures; runs under the system's Python.

    /usr/bin/python3 gst_rtsp_server.py PORT [none|basic|digest] [user] [password]

Mounts: /h264 /h265 (moving ball, 320x180 at 15 fps, a keyframe each second, with sound),
/audio (sound only), /mjpeg (a codec the hub does not carry). Prints `ready` when it listens.
"""

from __future__ import annotations

import sys

import gi  # type: ignore[import-not-found,unused-ignore]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore  # noqa: E402

BALL = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=15/1"
SOUND = "audiotestsrc is-live=true ! alawenc ! rtppcmapay"
MOUNTS = {
    "/h264": f"( {BALL} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15"
    f" threads=1 ! rtph264pay name=pay0 pt=96 {SOUND} name=pay1 pt=8 )",
    "/h265": f"( {BALL} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15"
    " option-string=pools=1:frame-threads=1:log-level=none ! rtph265pay name=pay0 pt=96 )",
    "/audio": f"( {SOUND} name=pay0 pt=8 )",
    "/mjpeg": f"( {BALL},format=I420 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )",
}


def _authenticator(method: str, user: str, password: str) -> object:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if method == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    return auth


def main() -> None:
    port, method, user, password = [*sys.argv[1:], "none", "", ""][:4]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    if method != "none":
        server.set_auth(_authenticator(method, user, password))
    for path, launch in MOUNTS.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(launch)
        factory.set_shared(True)
        if method != "none":
            for permission in ("media.factory.access", "media.factory.construct"):
                factory.add_role_from_structure(
                    Gst.Structure.from_string(f"viewer, {permission}=(boolean)true")[0]
                )
            role = (
                "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            )
            factory.add_role_from_structure(Gst.Structure.from_string(role)[0])
        server.get_mount_points().add_factory(path, factory)
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
