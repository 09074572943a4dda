"""Bytes of objects: JSON lines, and gzip in all its states."""

import gzip
import json
import random
import zlib


def json_lines(count: int, first: int = 0, **fields: object) -> bytes:
    """`count` lines that differ from each other, as an application would write them."""
    return b"".join(
        json.dumps(
            {"level": 30, "time": 1_700_000_000_000 + n, "pid": 7, "msg": f"line {n}"} | fields
        ).encode()
        + b"\n"
        for n in range(first, first + count)
    )


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)


def two_members(data: bytes) -> bytes:
    """A gzip file of two members that meet in the middle of a line."""
    middle = len(data) // 2
    return zipped(data[:middle]) + zipped(data[middle:])


def truncated(data: bytes) -> bytes:
    whole = zipped(data)
    return whole[: len(whole) * 2 // 3]


def corrupt(data: bytes) -> bytes:
    """A gzip file whose checksum is not that of its contents."""
    whole = bytearray(zipped(data))
    whole[-8] ^= 0xFF
    return bytes(whole)


def stored(data: bytes) -> bytes:
    """A gzip file that does not compress, so that its size says what is in it."""
    return gzip.compress(data, compresslevel=0, mtime=0)


def random_bytes(count: int, seed: int = 7) -> bytes:
    """Neither compressed nor text: begins with a NUL, and with no format's magic bytes."""
    return b"\x00\x9c" + random.Random(seed).randbytes(count - 2)


def zipped_in_pieces(pieces: list[tuple[bytes, int]]) -> bytes:
    """A gzip file of pieces, each repeated so many times: a gigabyte without holding one."""
    squeezer = zlib.compressobj(level=1, wbits=31)
    out = [squeezer.compress(piece) for piece, times in pieces for _ in range(times)]
    return b"".join([*out, squeezer.flush()])
