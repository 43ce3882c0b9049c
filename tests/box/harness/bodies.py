"""Request bodies that are hard to build: compressed ones, and ones that inflate without end."""

import struct
import zlib


def gzip(data, level=6):
    z = zlib.compressobj(level, zlib.DEFLATED, 31)
    return z.compress(data) + z.flush()


def deflate(data, raw=False):
    z = zlib.compressobj(6, zlib.DEFLATED, -15 if raw else 15)
    return z.compress(data) + z.flush()


def zstd(data):
    """A zstd frame of raw blocks (RFC 8878): valid, but not small."""
    out = struct.pack("<IBB", 0xFD2FB528, 0, 0x38)  # window: 128 KiB
    blocks = [data[i:i + 131072] for i in range(0, len(data), 131072)] or [b""]
    for i, block in enumerate(blocks):
        out += struct.pack("<I", (i == len(blocks) - 1) | len(block) << 3)[:3] + block
    return out


def zeros_gzip(n):
    """A gzip stream of n zero bytes."""
    z = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece, out = bytes(1 << 20), []
    for _ in range(n >> 20):
        out.append(z.compress(piece))
    return b"".join(out) + z.flush()


def zeros_zstd(n):
    """A zstd frame of n zero bytes: blocks of 128 KiB, each one repeated byte stored in 4 bytes."""
    count = n >> 17
    block = struct.pack("<I", 1 << 1 | 131072 << 3)[:3] + b"\0"
    last = struct.pack("<I", 1 | 1 << 1 | 131072 << 3)[:3] + b"\0"
    return struct.pack("<IBB", 0xFD2FB528, 0, 0x38) + block * (count - 1) + last


def event_of(size):
    """The JSON text of a valid event, exactly size bytes long."""
    frame = b'{"message":"%s"}'
    return frame % (b"x" * (size - len(frame) + 2))


def zstd_event_of(size):
    """event_of(size) as zstd: a raw block, blocks of one repeated "x", a raw block."""
    head, tail = b'{"message":"', b'"}'
    left = size - len(head) - len(tail)
    out = struct.pack("<IBB", 0xFD2FB528, 0, 0x38) + struct.pack("<I", len(head) << 3)[:3] + head
    while left:
        n = min(left, 131072)
        out += struct.pack("<I", 1 << 1 | n << 3)[:3] + b"x"
        left -= n
    return out + struct.pack("<I", 1 | len(tail) << 3)[:3] + tail


def nested(depth):
    """An event with a field that is depth levels deep, counting the event itself."""
    return b'{"message":"deep","extra":{"x":' + b"[" * (depth - 2) + b"]" * (depth - 2) + b"}}"
