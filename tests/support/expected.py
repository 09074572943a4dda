"""What must be in `log` for given bytes, computed from the raw lines by the contract's words alone.

Shares nothing with the binary: Python's json reads the lines, and PostgreSQL itself, asked by the
test's own connection, makes jsonb of the texts that are computed here.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

COLUMNS = (
    "id", "timestamp", "level", "method", "url", "query", "headers", "context", "message", "auth_user_id",
    "pid", "hostname", "remote_address", "remote_port", "processing_time_ms", "cache_hit", "document_count",
    "last_updated", "params", "raw_data",
)  # fmt: skip
JSON_COLUMNS = ("query", "headers", "params", "raw_data")
TIME_COLUMNS = ("timestamp", "last_updated")

LEVELS = {
    "trace": 10, "debug": 20, "info": 30, "warn": 40, "warning": 40, "error": 50, "fatal": 60, "critical": 60,
}  # fmt: skip

# What timestamptz holds, in microseconds since 1970: 4713 BC up to and without 294277 AD.
TIMESTAMP_MIN = -210_866_803_200_000_000
TIMESTAMP_END = 9_224_318_016_000_000_000


@dataclass(frozen=True)
class Row:
    """A row of `log` but for its id. Times are microseconds since 1970, jsonb columns are JSON texts."""

    line: int
    columns: dict[str, Any]


def lines_of(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, byte offset and bytes (without the end) of each line that is not blank."""
    offset = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        ended = offset + len(line) < len(data)
        content = line.removesuffix(b"\r") if ended else line
        if content.strip(b" \t\r"):
            yield number, offset, content
        offset += len(line) + 1


def rows_of(data: bytes, last_modified: datetime) -> list[Row]:
    """The rows of JSON lines, all of which are objects."""
    listed = microseconds(last_modified)
    return [Row(number, columns_of(line.decode("utf-8"), listed)) for number, _, line in lines_of(data)]


def columns_of(line: str, last_modified: int) -> dict[str, Any]:
    """The columns of one line; those that are not in the result are NULL."""
    raw = repaired(line)
    top = parse(raw)
    req = top.get("req")
    req = req if isinstance(req, dict) else {}

    def first(fits: Any, *values: Any) -> Any:
        """The first of the values that fits, as the column holds it, else None."""
        return next((held for held in (fits(v) for v in values if v is not None) if held is not None), None)

    columns = {
        "timestamp": first(time_of, *(top.get(name) for name in ("time", "timestamp", "@timestamp"))),
        "level": first(level_of, top.get("level")),
        "method": first(text_of, req.get("method")),
        "url": first(text_of, req.get("url")),
        "query": first(json_text, top.get("query"), req.get("query")),
        "headers": first(json_text, req.get("headers")),
        "context": first(text_of, top.get("context")),
        "message": first(text_of, top.get("msg"), top.get("message")),
        "auth_user_id": first(integer_of(64), top.get("authUserId")),
        "pid": first(integer_of(32), top.get("pid")),
        "hostname": first(text_of, top.get("hostname")),
        "remote_address": first(text_of, req.get("remoteAddress")),
        "remote_port": first(integer_of(32), req.get("remotePort")),
        "processing_time_ms": first(double_of, top.get("processingTimeMs"), top.get("responseTime")),
        "cache_hit": first(lambda v: v if isinstance(v, bool) else None, top.get("cacheHit")),
        "document_count": first(integer_of(64), top.get("documentCount")),
        "last_updated": first(time_of, top.get("lastUpdated")),
        "params": first(json_text, top.get("params"), req.get("params")),
        "raw_data": raw,
    }
    if columns["timestamp"] is None:
        columns["timestamp"] = last_modified
    return {name: value for name, value in columns.items() if value is not None}


def text_row(number: int, line: str, last_modified: int) -> Row:
    """The row of a line of plain text."""
    return Row(number, {"timestamp": last_modified, "message": line, "raw_data": json.dumps(line)})


def parse(text: str) -> Any:
    """JSON with numbers kept exact; of duplicate keys the last wins."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_float=Decimal, parse_constant=refuse)


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def repaired(text: str) -> str:
    """JSON text in which U+FFFD stands for what PostgreSQL cannot hold: \\u0000 and lone surrogates."""
    out: list[str] = []
    position = 0
    while match := _ESCAPE.search(text, position):
        out.append(text[position : match.start()])
        position = match.end()
        unit = int(match[1], 16) if match[1] else None
        if unit is not None and 0xD800 <= unit < 0xDC00:
            low = _ESCAPE.match(text, position)
            if low and low[1] and 0xDC00 <= int(low[1], 16) < 0xE000:
                out.append(match[0] + low[0])
                position = low.end()
                continue
        lost = unit is not None and (unit == 0 or 0xD800 <= unit < 0xE000)
        out.append("\\ufffd" if lost else match[0])
    return "".join(out) + text[position:]


def json_text(value: Any) -> str:
    """JSON text of a parsed value, its numbers as exact as they were read."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(json_text(item) for item in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def text_of(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def integer_of(bits: int) -> Any:
    limit = 1 << (bits - 1)

    def fits(value: Any) -> int | None:
        return value if type(value) is int and -limit <= value < limit else None

    return fits


def double_of(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    held = float(Decimal(value))
    return held if abs(held) != float("inf") else None


def level_of(value: Any) -> int | None:
    return LEVELS.get(value.lower()) if isinstance(value, str) else integer_of(16)(value)


_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def time_of(value: Any) -> int | None:
    """Microseconds since 1970 of milliseconds since 1970 or an RFC 3339 text; further digits are cut."""
    if isinstance(value, str):
        held = _rfc_3339(value)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        held = int(Decimal(value) * 1000) if abs(Decimal(value)) < Decimal("1e20") else None
    else:
        held = None
    return held if held is not None and TIMESTAMP_MIN <= held < TIMESTAMP_END else None


def _rfc_3339(text: str) -> int | None:
    match = _RFC_3339.fullmatch(text)
    if not match:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    if hours and (int(hours) > 23 or int(minutes) > 59):
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=timezone(offset))
    except ValueError:
        return None
    return microseconds(moment) + int((fraction or "").ljust(6, "0")[:6])


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly (a float of seconds would lose the last digits)."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
