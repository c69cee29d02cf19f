"""The heads of small pictures, made by hand: as much as tells what they are."""

import struct


def png(width=640, height=480, *, fill=b""):
    """A PNG as far as its size, and `fill` behind it."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + fill


def jpeg(width=640, height=480, *, before=b"\xff\xe0\0\x04JF", marker=0xC0):
    """A JPEG whose size stands behind the segments `before`."""
    frame = struct.pack(">BBHBHH", 0xFF, marker, 11, 8, height, width)
    return b"\xff\xd8" + before + frame + b"\x01\x01\x11\0"


def webp(chunk, rest):
    """A WebP with that first chunk."""
    body = b"WEBP" + chunk + struct.pack("<I", len(rest)) + rest + bytes(len(rest) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480))
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14))
EXTENDED = webp(b"VP8X", b"\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"))
