"""How vtest.mp4 was made: `python make_clip.py /usr/share/doc/opencv-doc/examples/data/vtest.avi vtest.mp4`.

PETS 2009 S2.L1 view 1 as Debian's opencv-doc ships it, 795 frames of 768x576 at 10 a second, in H.264. Frame n stays
frame n, so that everything known about the original's frames holds for the copy.
"""

import sys
from fractions import Fraction

import av

RATE = 10


def main(source: str, target: str) -> None:
    """Encode every frame of `source` once."""
    with av.open(source) as original, av.open(target, "w", options={"movflags": "faststart"}) as copy:
        stream = copy.add_stream("libx264", rate=RATE, options={"crf": "30", "preset": "veryslow", "g": "100"})
        stream.width, stream.height, stream.pix_fmt = 768, 576, "yuv420p"
        stream.codec_context.thread_count = 1
        for index, frame in enumerate(original.decode(video=0)):
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            copy.mux(stream.encode(frame))
        copy.mux(stream.encode(None))


if __name__ == "__main__":
    main(*sys.argv[1:])
