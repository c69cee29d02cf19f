"""What kind of picture some bytes are, and how large it is, told by the bytes themselves.

Neither the name nor the type that a browser sends counts. Only the head of the file is read, and
the heads of its parts; what is shown later is shown by the agent's browser, so a picture that would
unfold to far too much is none. Where and with what it was taken is nobody's business here.
"""

import struct
from dataclasses import dataclass
from typing import Final

from django.db import models

from consent.picture_metadata import bare_jpeg, bare_png, bare_webp

MOST_BYTES: Final = 5 * 1024 * 1024
#: A long page at twice the usual density has 30; and no side may be longer than browsers draw.
MOST_PIXELS: Final = 80_000_000
LONGEST_SIDE: Final = 32_000

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
#: Segments of a JPEG that hold its size: every SOF but the tables DHT, JPG and DAC.
_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: The picture itself, and the end: a size must have come before.
_NO_MORE_SIZES: Final = frozenset({0xDA, 0xD9})


class PictureKind(models.TextChoices):
    """The kinds we take, by their media types."""

    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"
    WEBP = "image/webp", "WebP"


_BARE: Final = {
    PictureKind.PNG: bare_png,
    PictureKind.JPEG: bare_jpeg,
    PictureKind.WEBP: bare_webp,
}


@dataclass(frozen=True)
class Picture:
    """The bytes of a picture, its kind, and its size in pixels."""

    content: bytes
    kind: PictureKind
    width: int
    height: int


def picture(content: bytes) -> Picture | None:
    """The picture that these bytes are, without what they tell beside it; None for anything else, a
    broken or an immense one.
    """
    read = _read(content)
    if read is None:
        return None
    kind, width, height = read
    fits = 0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE
    if not fits or width * height > MOST_PIXELS or len(content) > MOST_BYTES:
        return None
    return Picture(_BARE[kind](content), kind, width, height)


def _read(content: bytes) -> tuple[PictureKind, int, int] | None:
    kind, size = None, None
    try:
        if content.startswith(_PNG):
            kind, size = PictureKind.PNG, _of_png(content)
        elif content.startswith(_JPEG):
            kind, size = PictureKind.JPEG, _of_jpeg(content)
        elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            kind, size = PictureKind.WEBP, _of_webp(content)
    except (struct.error, IndexError):  # it ends in the middle of its head
        return None
    return (kind, *size) if kind and size else None


def _of_png(content: bytes) -> tuple[int, int] | None:
    """The first chunk is IHDR: https://www.w3.org/TR/png-3/#11IHDR"""
    if content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _of_jpeg(content: bytes) -> tuple[int, int] | None:
    """Segment by segment to the one with the size: https://www.w3.org/Graphics/JPEG/itu-t81.pdf"""
    place = 2
    while content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:  # a byte that only fills
            place += 1
            continue
        if marker in _NO_MORE_SIZES:
            return None
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
        place += 2 + max(2, struct.unpack_from(">H", content, place + 2)[0])
    return None


def _of_webp(content: bytes) -> tuple[int, int] | None:
    """Three kinds of first chunk: https://developers.google.com/speed/webp/docs/riff_container"""
    match content[12:16]:
        case b"VP8X":
            wide, high = content[24:27], content[27:30]
            return _little(wide) + 1, _little(high) + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
    return None


def _little(three: bytes) -> int:
    if len(three) < 3:
        raise IndexError("the head is cut off")
    return int.from_bytes(three, "little")
