"""What kind of picture some bytes are, by the bytes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.pictures import LONGEST_SIDE, MOST_BYTES, Picture, PictureKind, picture
from tests.pictures import EXTENDED, LOSSLESS, LOSSY, jpeg, png, webp


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(), PictureKind.PNG),
        (jpeg(), PictureKind.JPEG),
        (jpeg(marker=0xC2), PictureKind.JPEG),
        # A table of Huffman codes looks like a frame.
        (jpeg(before=b"\xff\xc4\0\x04xx\xff\xdb\0\x03y"), PictureKind.JPEG),
        # A segment that claims to be shorter than its own length does not hold us up.
        (jpeg(before=b"\xff\xe0\0\0"), PictureKind.JPEG),
        (LOSSY, PictureKind.WEBP),
        (LOSSLESS, PictureKind.WEBP),
        (EXTENDED, PictureKind.WEBP),
    ],
)
def test_picture_of_each_kind(content, kind):
    assert picture(content) == Picture(content, kind, 640, 480)


def test_bytes_may_fill_the_space_before_a_marker():
    assert picture(jpeg(before=b"\xff\xdb\0\x03y\xff\xff")) == Picture(
        jpeg(before=b"\xff\xdb\0\x03y"), PictureKind.JPEG, 640, 480
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<script>alert(1)</script>",
        b"GIF89a\x80\x02\xe0\x01",
        b"%PDF-1.7",
        png()[:18],
        png().replace(b"IHDR", b"IDAT"),
        png(width=0),
        png(height=LONGEST_SIDE + 1),
        png(width=30_000, height=30_000),
        png(fill=bytes(MOST_BYTES)),
        jpeg()[:9],
        jpeg(before=b"\xff\xe0\xff\xff"),
        jpeg(before=b"\xff\xe0\0\x02no marker"),
        jpeg(before=b"\xff\xda\0\x02"),
        jpeg(before=b"\xff\xd9\0\x02"),
        b"\xff\xd8\xff",
        LOSSY[:26],
        EXTENDED[:28],
        webp(b"JUNK", bytes(20)),
        b"RIFF\0\0\0\0AVI LIST",
    ],
)
def test_picture_of_anything_else_is_none(content):
    assert picture(content) is None


@given(
    st.sampled_from([b"", png(), jpeg(), LOSSY, LOSSLESS, EXTENDED, b"\xff\xd8\xff"]),
    st.integers(0, 40),
    st.binary(max_size=60),
)
def test_picture_of_any_bytes_raises_nothing(head, kept, rest):
    content = head[:kept] + rest
    shown = picture(content)
    assert shown is None or (picture(shown.content) == shown and shown.width * shown.height > 0)
