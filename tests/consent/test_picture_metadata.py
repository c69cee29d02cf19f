"""Pictures are kept without what they tell beside the picture."""

import struct
import time
import zlib

import pytest

from consent.pictures import picture
from tests.pictures import EXTENDED, jpeg, png, webp

GPS = b"GPS 52.5 13.4 by Ana"
SCAN = b"\xff\xda\0\x02\x12\xff\0\x34\xff\xd0\x56"
END = b"\xff\xd9"
TABLE = b"\xff\xdb\0\x04xy"


def segment(marker, body):
    """A segment of a JPEG."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def exif(*entries, order=">", name=b"Exif\0\0"):
    """The EXIF segment of a photo with these tags."""
    mark = b"MM" if order == ">" else b"II"
    tags = [struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0) for tag, value in entries]
    head = mark + struct.pack(f"{order}HIH", 42, 8, len(tags))
    return segment(0xE1, name + head + b"".join(tags) + bytes(4) + GPS)


def chunk(kind, body):
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def part(kind, body):
    """A chunk of a WebP."""
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


@pytest.mark.parametrize("marker", [*range(0xE1, 0xF0), 0xFE])
def test_segments_of_programs_and_comments_leave_a_jpeg(marker):
    photo = jpeg(before=segment(0xE0, b"JFIF") + segment(marker, GPS) + TABLE)

    shown = picture(photo + SCAN + END)

    assert (shown.width, shown.height) == (640, 480)
    assert shown.content == jpeg(before=segment(0xE0, b"JFIF") + TABLE) + SCAN + END


def test_what_stands_between_two_scans_and_behind_the_end_of_a_jpeg_leaves_it():
    another = segment(0xC4, b"a table")

    shown = picture(jpeg() + SCAN + segment(0xFE, GPS) + another + SCAN + END + GPS + jpeg())

    assert shown.content == jpeg() + SCAN + another + SCAN + END


def test_jpeg_that_is_cut_off_is_kept_as_far_as_it_goes():
    assert picture(jpeg() + SCAN).content == jpeg() + SCAN
    assert picture(jpeg() + SCAN + b"\xff\xe1\0").content == jpeg() + SCAN
    assert picture(jpeg() + b"no segment" + GPS).content == jpeg()


@pytest.mark.parametrize("order", [">", "<"])
def test_photo_keeps_which_side_is_up_and_nothing_else(order):
    photo = jpeg(before=exif((0x010F, 7), (0x0112, 6), order=order)) + SCAN + END

    shown = picture(photo)

    assert shown.content == (
        b"\xff\xd8\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
        + bytes(4)
        + jpeg(before=b"")[2:]
        + SCAN
        + END
    )
    assert picture(shown.content) == shown


@pytest.mark.parametrize(
    "said",
    [
        exif((0x0112, 1)),
        exif((0x0112, 9)),
        exif((0x010F, 7)),
        exif((0x0112, 6), name=b"http:\0"),
        segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
        segment(0xE1, b"Exif\0\0"),
    ],
)
def test_photo_that_stands_upright_or_does_not_say_keeps_no_exif(said):
    assert picture(jpeg(before=said) + END).content == jpeg(before=b"") + END


def test_colours_as_adobe_wrote_them_stay():
    adobe = segment(0xEE, b"Adobe" + bytes(7))

    assert picture(jpeg(before=adobe) + END).content == jpeg(before=adobe) + END


@pytest.mark.parametrize("kind", [b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME", b"iCCP", b"prVt"])
def test_texts_and_times_leave_a_png(kind):
    head = png()[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 640, 480, 8, 2, 0, 0, 0))
    needed = chunk(b"tRNS", b"x"), chunk(b"IDAT", b"the picture"), chunk(b"IEND", b"")

    shown = picture(head + chunk(kind, GPS) + b"".join(needed) + GPS)

    assert shown.content == head + b"".join(needed)
    assert (shown.width, shown.height) == (640, 480)


@pytest.mark.parametrize("kind", [b"EXIF", b"XMP ", b"ICCP", b"abcd"])
def test_exif_and_its_like_leave_a_webp_with_their_flags(kind):
    def extended(flags, *parts):
        body = b"WEBP" + part(b"VP8X", bytes([flags]) + EXTENDED[21:]) + b"".join(parts)
        return b"RIFF" + struct.pack("<I", len(body)) + body

    shown = picture(extended(0x3E, part(kind, GPS + b"!"), part(b"VP8 ", b"the picture")))

    assert shown.content == extended(0x12, part(b"VP8 ", b"the picture"))
    assert (shown.width, shown.height) == (640, 480)


def test_webp_that_is_cut_off_is_kept_as_far_as_it_goes():
    cut = webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14)) + b"EXIF\x99\0\0"

    assert picture(cut).content == cut[:-7]


@pytest.mark.parametrize(
    "endless",
    [
        jpeg() + b"\xff" * 4_000_000,
        jpeg() + SCAN + b"\xff\0" * 2_000_000,
        jpeg() + SCAN + b"\xff\xd0" * 2_000_000,
        jpeg() + b"\xff\xff\xff\0" * 1_000_000,
        jpeg() + b"\xff\xc4\0\x02" * 1_000_000,
        png() + b"\xff" * 4_000_000,
    ],
)
def test_picture_of_hostile_bytes_takes_no_longer_than_it_is_long(endless):
    began = time.perf_counter()
    picture(endless)

    assert time.perf_counter() - began < 1
