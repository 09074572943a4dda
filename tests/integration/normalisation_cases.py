"""Lines, and by hand what each must become. Columns that a case does not name must be NULL, but for
`timestamp`, which is then the object's last-modified time, and `raw_data`, which is the whole line."""

import json
from dataclasses import dataclass
from typing import Any

SECOND = 1_000_000  # microseconds
TIME = 1_700_000_000  # 2023-11-14T22:13:20Z


@dataclass(frozen=True)
class Case:
    name: str
    line: str
    columns: dict[str, Any]


def case(name: str, line: str, **columns: Any) -> Case:
    return Case(name, line, columns)


def at(name: str, value: str, microseconds: int | None) -> Case:
    """A case about `time`: None means that the value does not fit."""
    return Case(
        f"time {name}", f'{{"time":{value}}}', {} if microseconds is None else {"timestamp": microseconds}
    )


def req(name: str, members: str, **columns: Any) -> Case:
    return Case(f"req: {name}", f'{{"req":{{{members}}}}}', columns)


TIMES = (
    at("in milliseconds", "1700000000123", TIME * SECOND + 123_000),
    at("zero", "0", 0),
    at("before 1970", "-1500", -1_500_000),
    at("with microseconds", "1700000000123.456", TIME * SECOND + 123_456),
    at("with digits beyond microseconds, cut", "1700000000123.456999", TIME * SECOND + 123_456),
    at("with an exponent", "1.700000000123e12", TIME * SECOND + 123_000),
    at("RFC 3339", '"2023-11-14T22:13:20Z"', TIME * SECOND),
    at("RFC 3339 in small letters", '"2023-11-14t22:13:20z"', TIME * SECOND),
    at("RFC 3339 with milliseconds", '"2023-11-14T22:13:20.123Z"', TIME * SECOND + 123_000),
    at("RFC 3339 with one digit of a second", '"2023-11-14T22:13:20.5Z"', TIME * SECOND + 500_000),
    at("RFC 3339 with microseconds", '"2023-11-14T22:13:20.123456Z"', TIME * SECOND + 123_456),
    at("RFC 3339 with nanoseconds, cut", '"2023-11-14T22:13:20.123456999Z"', TIME * SECOND + 123_456),
    at("RFC 3339 with an offset east", '"2023-11-15T03:58:20+05:45"', TIME * SECOND),
    at("RFC 3339 with an offset west", '"2023-11-14T14:13:20.25-08:00"', TIME * SECOND + 250_000),
    at("RFC 3339 with the unknown offset", '"2023-11-14T22:13:20-00:00"', TIME * SECOND),
    at("RFC 3339 before 1970", '"1969-12-31T23:59:59.999999Z"', -1),
    at("RFC 3339 before 1970, cut", '"1969-12-31T23:59:58.1234567Z"', -2 * SECOND + 123_456),
    at("RFC 3339 on a leap day", '"2024-02-29T00:00:00Z"', 1_709_164_800 * SECOND),
    at("RFC 3339 in year 1", '"0001-01-01T00:00:00Z"', -62_135_596_800 * SECOND),
    at("RFC 3339 in year 9999", '"9999-12-31T23:59:59.999999Z"', 253_402_300_799 * SECOND + 999_999),
    at("the last millisecond that PostgreSQL holds", "9224318015999999", 9_224_318_015_999_999_000),
    at("the first millisecond that it does not hold", "9224318016000000", None),
    at("the first millisecond that PostgreSQL holds", "-210866803200000", -210_866_803_200_000_000),
    at("the last millisecond before that", "-210866803200001", None),
    at("beyond 64 bits", "99999999999999999999999", None),
    at("beyond every double", "1e400", None),
    at("as digits in a string", '"1700000000123"', None),
    at("as a date", '"2023-11-14"', None),
    at("without an offset", '"2023-11-14T22:13:20"', None),
    at("with a word around it", '"at 2023-11-14T22:13:20Z"', None),
    at("with something behind it", '"2023-11-14T22:13:20Z "', None),
    at("in month 13", '"2023-13-14T22:13:20Z"', None),
    at("on 30 February", '"2023-02-30T22:13:20Z"', None),
    at("on 29 February of no leap year", '"2023-02-29T22:13:20Z"', None),
    at("on 29 February 1900", '"1900-02-29T22:13:20Z"', None),
    at("at 24 o'clock", '"2023-11-14T24:00:00Z"', None),
    at("at minute 60", '"2023-11-14T22:60:20Z"', None),
    at("with an offset of 24 hours", '"2023-11-14T22:13:20+24:00"', None),
    at("with a point and no digits", '"2023-11-14T22:13:20.Z"', None),
    at("true", "true", None),
    at("an object", '{"ms":1700000000123}', None),
    at("null", "null", None),
    at("an empty string", '""', None),
    case("time before timestamp and @timestamp", '{"@timestamp":3000,"timestamp":2000,"time":1000}', timestamp=SECOND),
    case("timestamp before @timestamp", '{"@timestamp":3000,"timestamp":2000}', timestamp=2 * SECOND),
    case("@timestamp alone", '{"@timestamp":"2023-11-14T22:13:20Z"}', timestamp=TIME * SECOND),
    case("time of the wrong type, timestamp fits", '{"time":"soon","timestamp":2000}', timestamp=2 * SECOND),
    case("time out of range, @timestamp fits", '{"time":1e300,"timestamp":[],"@timestamp":3000}', timestamp=3 * SECOND),
    case("time null, timestamp fits", '{"time":null,"timestamp":2000}', timestamp=2 * SECOND),
    case("no time at all", "{}"),
    case("lastUpdated", '{"lastUpdated":"2026-11-23T15:08:09.127Z"}', last_updated=1_795_446_489_127_000),
    case("lastUpdated with an offset", '{"lastUpdated":"2026-11-23T20:53:09.1271239+05:45"}', last_updated=1_795_446_489_127_123),
    case("lastUpdated that is no time", '{"lastUpdated":"yesterday"}'),
    case("lastUpdated null", '{"lastUpdated":null}'),
)  # fmt: skip

LEVELS = (
    *(case(f"level {name}", f'{{"level":"{name}"}}', level=number) for name, number in (
        ("trace", 10), ("debug", 20), ("info", 30), ("warn", 40), ("error", 50), ("fatal", 60),
        ("warning", 40), ("critical", 60), ("INFO", 30), ("Error", 50), ("wArNiNg", 40), ("CRITICAL", 60),
    )),
    *(case(f"level {number}", f'{{"level":{number}}}', level=number) for number in (10, 30, 35, 0, -1, 32767, -32768)),
    *(case(f"level {value} does not fit", f'{{"level":{value}}}') for value in (
        "32768", "-32769", "30.0", "30.5", "3e1", "99999999999999999999", "true", "null", '"30"', '"notice"',
        '""', '" info"', '"information"', "[30]", '{"value":30}',
    )),
    case("level minus zero", '{"level":-0}', level=0),
    case("level with an escape in its name", r'{"le\u0076el":"\u0069nfo"}', level=30),
    case("severity is not level", '{"severity":"info"}'),
)  # fmt: skip

TEXTS = (
    case("msg", '{"msg":"hello"}', message="hello"),
    case("message", '{"message":"hello"}', message="hello"),
    case("msg before message", '{"message":"second","msg":"first"}', message="first"),
    case("msg of the wrong type, message fits", '{"msg":5,"message":"second"}', message="second"),
    case("msg null, message fits", '{"msg":null,"message":"second"}', message="second"),
    case("msg empty is a string", '{"msg":"","message":"second"}', message=""),
    case("neither fits", '{"msg":{"a":1},"message":["b"]}'),
    case("msg with escapes", r'{"msg":"tab\tquote\"slash\/back\\nl\nu\u00e9\ud83d\ude42"}', message='tab\tquote"slash/back\\nl\nué🙂'),
    case("msg in UTF-8", '{"msg":"日本語 ünïcödé 🙂"}', message="日本語 ünïcödé 🙂"),
    case("msg with a NUL escape", r'{"msg":"a\u0000b"}', message="a\ufffdb"),
    case("msg with a lone high surrogate", r'{"msg":"a\ud800b"}', message="a\ufffdb"),
    case("msg with a lone low surrogate", r'{"msg":"a\udc00b"}', message="a\ufffdb"),
    case("msg with surrogates in the wrong order", r'{"msg":"\ude42\ud83d"}', message="\ufffd\ufffd"),
    case("msg with a high surrogate before a pair", r'{"msg":"\ud83d\ud83d\ude42"}', message="\ufffd🙂"),
    case("msg with a high surrogate at the end", r'{"msg":"a\ud83d"}', message="a\ufffd"),
    case("msg with an escaped backslash before u0000", r'{"msg":"a\\u0000b"}', message="a\\u0000b"),
    case("msg that looks like SQL", '{"msg":"\'); DROP TABLE log; --"}', message="'); DROP TABLE log; --"),
    case("msg that looks like COPY", r'{"msg":"\\N\\.\t\\x00"}', message="\\N\\.\t\\x00"),
    case("context", '{"context":"DealsController"}', context="DealsController"),
    case("context of the wrong type", '{"context":{"name":"x"}}'),
    case("hostname", '{"hostname":"vm"}', hostname="vm"),
    case("hostname of the wrong type", '{"hostname":1}'),
)  # fmt: skip

NUMBERS = (
    case("pid", '{"pid":24715}', pid=24715),
    case("pid at its limits", '{"pid":2147483647}', pid=2147483647),
    case("pid at its lower limit", '{"pid":-2147483648}', pid=-2147483648),
    *(case(f"pid {value} does not fit", f'{{"pid":{value}}}') for value in (
        "2147483648", "-2147483649", "1.0", "1e3", "1E3", '"1"', "true", "null", "[]", "18446744073709551616", "4294967297",
    )),
    case("authUserId", '{"authUserId":42}', auth_user_id=42),
    case("authUserId at its limit", '{"authUserId":9223372036854775807}', auth_user_id=9223372036854775807),
    case("authUserId at its lower limit", '{"authUserId":-9223372036854775808}', auth_user_id=-9223372036854775808),
    case("authUserId above its limit", '{"authUserId":9223372036854775808}'),
    case("authUserId below its limit", '{"authUserId":-9223372036854775809}'),
    case("authUserId that a double would round", '{"authUserId":9007199254740993}', auth_user_id=9007199254740993),
    case("authUserId as a string", '{"authUserId":"42"}'),
    case("documentCount", '{"documentCount":348}', document_count=348),
    case("documentCount at its limit", '{"documentCount":9223372036854775807}', document_count=9223372036854775807),
    case("documentCount with a fraction", '{"documentCount":3.0}'),
    case("processingTimeMs", '{"processingTimeMs":74}', processing_time_ms=74.0),
    case("processingTimeMs with a fraction", '{"processingTimeMs":0.1}', processing_time_ms=0.1),
    case("processingTimeMs with an exponent", '{"processingTimeMs":1.5e-3}', processing_time_ms=0.0015),
    case("processingTimeMs to the last bit", '{"processingTimeMs":0.30000000000000004}', processing_time_ms=0.30000000000000004),
    case("processingTimeMs at a double's limit", '{"processingTimeMs":1.7976931348623157e308}', processing_time_ms=1.7976931348623157e308),
    case("processingTimeMs beyond a double", '{"processingTimeMs":1e309,"responseTime":5}', processing_time_ms=5.0),
    case("processingTimeMs negative", '{"processingTimeMs":-3}', processing_time_ms=-3.0),
    case("processingTimeMs before responseTime", '{"responseTime":9,"processingTimeMs":7}', processing_time_ms=7.0),
    case("processingTimeMs of the wrong type", '{"processingTimeMs":"7","responseTime":9.5}', processing_time_ms=9.5),
    case("processingTimeMs null", '{"processingTimeMs":null,"responseTime":9}', processing_time_ms=9.0),
    case("responseTime alone", '{"responseTime":12.25}', processing_time_ms=12.25),
    case("responseTime of the wrong type", '{"responseTime":"12ms"}'),
    case("cacheHit true", '{"cacheHit":true}', cache_hit=True),
    case("cacheHit false", '{"cacheHit":false}', cache_hit=False),
    *(case(f"cacheHit {value} does not fit", f'{{"cacheHit":{value}}}') for value in ('"true"', "1", "0", "null")),
)  # fmt: skip

REQUESTS = (
    req("method", '"method":"GET"', method="GET"),
    req("method of the wrong type", '"method":7'),
    req("url", '"url":"/api?q=%20"', url="/api?q=%20"),
    req("query", '"query":{"page":"3","n":[1,2.50,null]}', query={"page": "3", "n": [1, 2.5, None]}),
    req("query as a string", '"query":"page=3"', query="page=3"),
    req("query as a number", '"query":12.50', query=12.5),
    req("query as a bool", '"query":false', query=False),
    req("query as an empty object", '"query":{}', query={}),
    req("query null", '"query":null'),
    req("headers", '"headers":{"Host":"h","x":["a","b"]}', headers={"Host": "h", "x": ["a", "b"]}),
    req("headers with a NUL escape", r'"headers":{"a\u0000":"\u0000"}', headers={"a\ufffd": "\ufffd"}),
    req("headers with duplicate keys", '"headers":{"a":1,"b":2,"a":3}', headers={"a": 3, "b": 2}),
    req("params", '"params":{"0":"api"}', params={"0": "api"}),
    req("remoteAddress", '"remoteAddress":"::ffff:10.0.0.1"', remote_address="::ffff:10.0.0.1"),
    req("remoteAddress that is no address", '"remoteAddress":"unknown"', remote_address="unknown"),
    req("remotePort", '"remotePort":42254', remote_port=42254),
    req("remotePort as a string", '"remotePort":"42254"'),
    req("nothing", ""),
    case("query at the top wins", '{"req":{"query":{"from":"req"}},"query":{"from":"top"}}', query={"from": "top"}),
    case("query at the top wins when it comes first", '{"query":{"from":"top"},"req":{"query":{"from":"req"}}}', query={"from": "top"}),
    case("query at the top null, so that of req", '{"query":null,"req":{"query":{"from":"req"}}}', query={"from": "req"}),
    case("query at the top alone", '{"query":[1]}', query=[1]),
    case("params at the top win", '{"params":{"id":5},"req":{"params":{"0":"x"}}}', params={"id": 5}),
    case("params at the top, empty, win", '{"params":{},"req":{"params":{"0":"x"}}}', params={}),
    case("fields of req are not looked for at the top", '{"method":"GET","url":"/","headers":{},"remoteAddress":"a","remotePort":1}'),
    case("fields of the top are not looked for in req", '{"req":{"msg":"m","level":30,"pid":1,"hostname":"h","time":1000,"cacheHit":true}}'),
    case("fields of req further down are not looked for", '{"req":{"req":{"method":"GET"},"headers":{"method":"PUT"}}}', headers={"method": "PUT"}),
    case("fields elsewhere are not looked for", '{"res":{"method":"GET","statusCode":200},"err":{"msg":"m","message":"n","level":50}}'),
    case("fields of an array are not looked for", '{"a":[{"msg":"m","level":30}],"req":[{"method":"GET"}]}'),
    case("req as a string", '{"req":"GET /"}'),
    case("req null", '{"req":null}'),
)  # fmt: skip

KEYS = (
    case("the last of duplicate keys wins", '{"msg":"first","msg":"last"}', message="last"),
    case("the last wins though it does not fit", '{"level":30,"level":"loud"}'),
    case("the last wins though the first did not fit", '{"level":"loud","level":40}', level=40),
    case("the last wins though it is null", '{"message":"second","msg":"first","msg":null}', message="second"),
    case("the last req wins as a whole", '{"req":{"method":"GET","remotePort":1},"req":{"url":"/x"}}', url="/x"),
    case("the last req wins though it is null", '{"req":{"method":"GET"},"req":null}'),
    case("the last query wins", '{"query":{"a":1},"req":{"query":{"b":1},"query":{"b":2}},"query":null}', query={"b": 2}),
    case("the same key once with an escape", r'{"msg":"first","\u006dsg":"last"}', message="last"),
    case("names in another case are other names", '{"Msg":"a","LEVEL":30,"Time":1000,"Req":{"method":"GET"}}'),
    case("names in snake case are other names", '{"auth_user_id":1,"processing_time_ms":2,"cache_hit":true,"remote_port":3}'),
    case("a name that begins alike", '{"msgs":"a","leve":30,"pids":1,"tim":1000}'),
    case("a name with a NUL behind it", r'{"msg\u0000":"a"}'),
    case("an empty name", '{"":"a"}'),
    case("nothing", "{}"),
)  # fmt: skip

RAW = (
    case("numbers keep their digits", '{"a":1.10,"b":1e2,"c":-0.0,"d":123456789012345678901234567890.123456789}'),
    case("whitespace around everything", ' { "a" : [ 1 , 2 ] , "level" :\t30 } ', level=30),
    case("deep", '{"a":' + "[" * 400 + "]" * 400 + "}"),
    case("many keys", json.dumps({f"k{n}": n for n in range(500)})),
    case("keys of one length and of many", json.dumps({k: 1 for k in ("b", "a", "aa", "é", "Z", "zz", "10", "9", "")})),
    case("a long string", json.dumps({"msg": "x" * 100_000}), message="x" * 100_000),
    case("a long key", json.dumps({"k" * 10_000: True})),
    case("every escape", r'{"a":"\"\\\/\b\f\n\r\t\u001f\u007f\uffff\ud83d\ude42"}'),
)  # fmt: skip

EVERYTHING = (
    case(
        "a whole line of pino",
        '{"level":30,"time":1795446492127,"pid":24715,"hostname":"vm","req":{"id":1,"method":"GET","url":"/api/v1/deals?page=3",'
        '"query":{"page":"3"},"params":{"0":"api/v1/deals"},"headers":{"host":"127.0.0.1:3456"},"remoteAddress":"127.0.0.1",'
        '"remotePort":42254},"context":"DealsController","processingTimeMs":74,"cacheHit":false,"documentCount":3,'
        '"lastUpdated":"2026-11-23T15:08:09.127Z","authUserId":17,"params":{"id":"9"},"query":{"limit":20},'
        '"res":{"statusCode":200},"responseTime":80,"msg":"request completed"}',
        timestamp=1_795_446_492_127_000, level=30, method="GET", url="/api/v1/deals?page=3", query={"limit": 20},
        headers={"host": "127.0.0.1:3456"}, context="DealsController", message="request completed", auth_user_id=17, pid=24715,
        hostname="vm", remote_address="127.0.0.1", remote_port=42254, processing_time_ms=74.0, cache_hit=False, document_count=3,
        last_updated=1_795_446_489_127_000, params={"id": "9"},
    ),
)  # fmt: skip

CASES = (*TIMES, *LEVELS, *TEXTS, *NUMBERS, *REQUESTS, *KEYS, *RAW, *EVERYTHING)
