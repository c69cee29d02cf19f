"""Pictures without what they tell beside the picture: where and when, with what, by whom.

Only parts that a picture needs to be shown are kept, so nobody has to know what else programs hide
in a file; what stands behind its end goes as well. Bytes that make no sense raise nothing, and each
is read once.
"""

import re
from typing import Final

# Parts of a PNG: the picture, its palette, see-through colours, brightness, size, movement.
# https://www.w3.org/TR/png-3/#4Concepts.FormatTypes
_OF_PNG: Final = frozenset(
    [
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"gAMA", b"cHRM", b"sRGB"),
        *(b"cICP", b"sBIT", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
    ]
)
# https://developers.google.com/speed/webp/docs/riff_container
_OF_WEBP: Final = frozenset([b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"])
#: Flags of a WebP for a colour profile, EXIF and XMP.
_BESIDE_THE_PICTURE: Final = 0x20 | 0x08 | 0x04

#: A marker of a JPEG; not a byte that only fills, the escaped bytes and restarts of a scan.
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
#: A real one has some hundreds; each costs a step.
_MOST_SEGMENTS: Final = 20_000
_START_OF_SCAN, _END, _EXIF, _ADOBE, _COMMENT = 0xDA, 0xD9, 0xE1, 0xEE, 0xFE
#: An EXIF segment with room for nothing but which side is up.
_TURNED: Final = (
    b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0"
)


def bare_png(content: bytes) -> bytes:
    """The same PNG without texts, times, EXIF and whatever else it need not have."""
    kept, place = [content[:8]], 8
    while len(kind := content[place + 4 : place + 8]) == 4:
        end = place + 12 + int.from_bytes(content[place : place + 4], "big")
        if kind in _OF_PNG:
            kept.append(content[place:end])
        if kind == b"IEND":
            break
        place = end
    return b"".join(kept)


def bare_webp(content: bytes) -> bytes:
    """The same WebP without colour profile, EXIF, XMP and whatever else it need not have."""
    kept, place = [], 12
    while len(head := content[place : place + 8]) == 8:
        size = int.from_bytes(head[4:], "little")
        end = place + 8 + size + size % 2
        if head[:4] == b"VP8X" and end > place + 8:
            flags = content[place + 8 : place + 9]
            kept += [head, bytes(flag & ~_BESIDE_THE_PICTURE for flag in flags)]
            kept.append(content[place + 9 : end])
        elif head[:4] in _OF_WEBP:
            kept.append(content[place:end])
        place = end
    parts = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(parts).to_bytes(4, "little") + parts


def bare_jpeg(content: bytes) -> bytes:
    """The same JPEG without comments and the segments of programs; only which side is up is kept,
    and how Adobe's programs wrote the colours.
    """
    kept, place, in_scan = [content[:2]], 2, False
    while len(kept) < _MOST_SEGMENTS and (found := _MARKER.search(content, place)):
        if in_scan:
            kept.append(content[place : found.start()])
        marker, body = content[found.end() - 1], found.end()
        if marker == _END:
            kept.append(content[found.start() : body])
            break
        place = body + max(2, int.from_bytes(content[body : body + 2], "big"))
        segment = content[body + 2 : place]
        if marker == _EXIF and (turned := _orientation(segment)) in range(2, 9):
            kept.append(_TURNED % turned)
        elif _is_needed(marker, segment):
            kept.append(content[found.start() : place])
        in_scan = in_scan or marker == _START_OF_SCAN
    else:
        if in_scan:  # it is cut off in the middle
            kept.append(content[place:])
    return b"".join(kept)


def _is_needed(marker: int, segment: bytes) -> bool:
    if marker == _ADOBE:
        return len(segment) == 12 and segment.startswith(b"Adobe")
    return marker != _COMMENT and not _EXIF <= marker <= 0xEF


def _orientation(segment: bytes) -> int:
    """Which side of a photo is up, 1 to 8; 0 where it is not said.

    https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E
    """
    if not segment.startswith(b"Exif\0\0"):
        return 0
    tiff = segment[6:]
    order = "little" if tiff.startswith(b"II") else "big"

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], order)  # type: ignore[arg-type]

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * min(number(first, 2), 100), 12):
        if number(entry, 2) == 0x0112:
            return number(entry + 8, 2)
    return 0
