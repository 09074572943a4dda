"""What a connection to S3, or what sits in between, may do to an answer: each is a Fault, for a FaultProxy's script."""

from collections.abc import Callable

from .fault_proxy import Answer, Ending, Exchange, Fault, answer

Change = Callable[[Answer], Answer]
Place = Callable[[Answer], int]

DRIP_SECONDS = 2.0  # between two bytes: slower than any floor
ENDLESS_BYTES = 1 << 16  # sent at once of what has no end


# Places in an answer, as the count of its bytes, head and body, that arrive.
def in_head(what: Answer) -> int:
    return len(what.head()) // 2


def before_answer(_: Answer) -> int:
    return 0


def behind_head(what: Answer) -> int:
    return len(what.head())


def in_body(what: Answer) -> int:
    return len(what.head()) + len(what.body) // 2


def at_last_byte(what: Answer) -> int:
    return len(what.head()) + len(what.body) - 1


def at_end(what: Answer) -> int:
    return len(what.head()) + len(what.body)


def at_byte(of_body: int) -> Place:
    return lambda what: len(what.head()) + of_body


def cut(place: Place, how: Ending) -> Fault:
    def fault(exchange: Exchange) -> None:
        exchange.pass_on(exchange.ask(), place(exchange.ask()))
        exchange.end(how)

    return fault


def stalled(place: Place) -> Fault:
    """Up to there, and then nothing, while the connection stays open."""

    def fault(exchange: Exchange) -> None:
        exchange.pass_on(exchange.ask(), place(exchange.ask()))
        exchange.be_silent()

    return fault


def dripping(place: Place) -> Fault:
    """Up to there as usual, and on byte by byte."""

    def fault(exchange: Exchange) -> None:
        what = exchange.ask()
        exchange.pass_on(what, place(what))
        for byte in (what.head() + what.body)[place(what) :]:
            exchange.wait(DRIP_SECONDS)
            exchange.send(bytes([byte]))

    return fault


def instead(what: Answer) -> Fault:
    """The server is not asked."""
    return lambda exchange: exchange.pass_on(what)


def changed(change: Change) -> Fault:
    return lambda exchange: exchange.pass_on(change(exchange.ask()))


def then_closed(fault: Fault) -> Fault:
    def closing(exchange: Exchange) -> None:
        fault(exchange)
        exchange.end(Ending.FIN)

    return closing


def raw(data: bytes) -> Fault:
    """Bytes that need not be HTTP, and the end."""

    def fault(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.end(Ending.FIN)

    return fault


def endless(head: bytes, again: bytes) -> Fault:
    """Something that is sent again and again, until nobody listens."""

    def fault(exchange: Exchange) -> None:
        exchange.send(head)
        while True:
            exchange.send(again * (1 + ENDLESS_BYTES // len(again)))

    return fault


def chunked(exchange: Exchange, what: Answer, *, upto: int | None = None) -> None:
    """Its body in chunks of many sizes, the last of which is missing where only a part is passed on."""
    head = what.having(content_length=None, transfer_encoding="chunked")
    exchange.pass_on(Answer(what.status, b"", head.headers, what.reason))
    position, size, end = 0, 1, len(what.body) if upto is None else upto
    while position < end:
        piece = what.body[position : min(position + size, end)]
        exchange.send(b"%x;name=value\r\n" % len(piece) + piece + b"\r\n")
        position += len(piece)
        size = min(size * 3, 50_000)
    exchange.request.passed += end
    if upto is None:
        exchange.send(b"0\r\nx-trailer: 1\r\n\r\n")


def in_chunks(exchange: Exchange) -> None:
    chunked(exchange, exchange.ask())


def in_chunks_and_cut(exchange: Exchange) -> None:
    chunked(exchange, exchange.ask(), upto=len(exchange.ask().body) // 2)
    exchange.end(Ending.FIN)


def in_chunks_without_the_last(exchange: Exchange) -> None:
    """All of the body, and the end of the connection where the empty chunk should be."""
    chunked(exchange, exchange.ask(), upto=len(exchange.ask().body))
    exchange.end(Ending.FIN)


def nonsense_chunk(exchange: Exchange) -> None:
    chunked(exchange, exchange.ask(), upto=len(exchange.ask().body) // 2)
    exchange.send(b"not a size\r\n")
    exchange.end(Ending.FIN)


def without_length(upto: Place) -> Fault:
    """The end of the connection is the end of the body: nobody could tell it from a cut."""

    def fault(exchange: Exchange) -> None:
        what = exchange.ask().having(content_length=None, connection="close")
        exchange.pass_on(what, upto(what))
        exchange.end(Ending.FIN)

    return fault


def whole_with_other_length(by: int) -> Fault:
    """A Content-Length that is not that of the body."""

    def fault(exchange: Exchange) -> None:
        what = exchange.ask()
        exchange.pass_on(what.having(content_length=str(len(what.body) + by)))
        if by > 0:
            exchange.end(Ending.FIN)

    return fault


def half_that_claims_to_be_all(what: Answer) -> Answer:
    """As a cache would send that has kept a body which was cut."""
    body = what.body[: what.body.index(b"\n", len(what.body) // 2) + 1] if b"\n" in what.body else what.body[:-8]
    return Answer(what.status, body, what.headers, what.reason).having(content_length=str(len(body)))


def half_without_checksum(what: Answer) -> Answer:
    half = half_that_claims_to_be_all(what)
    return half.having(**{name: None for name in half.headers if name.startswith("x-amz-checksum")})


def with_a_byte_changed(what: Answer) -> Answer:
    """A digit for a digit, so that the line is as good as before."""
    digit = next(n for n in range(len(what.body) // 2, len(what.body)) if what.body[n : n + 1].isdigit())
    body = bytearray(what.body)
    body[digit] = ord("0") if body[digit] != ord("0") else ord("1")
    return Answer(what.status, bytes(body), what.headers, what.reason)


def whole_instead_of_range(exchange: Exchange) -> None:
    """200 with all of the object, as from a server that knows no ranges."""
    exchange.pass_on(exchange.whole_before())


def shorter_range(what: Answer) -> Answer:
    """A good 206, of fewer bytes than were asked for."""
    unit, _, total = what.headers["content-range"].partition("/")
    first = int(unit.removeprefix("bytes ").split("-")[0])
    body = what.body[: (1 + len(what.body)) // 2]
    shorter = f"bytes {first}-{first + len(body) - 1}/{total}"
    return Answer(what.status, body, what.headers, what.reason).having(
        content_length=str(len(body)), content_range=shorter
    )


def other_range(by: int) -> Fault:
    """A good 206, of the bytes from so many later on."""

    def fault(exchange: Exchange) -> None:
        what = exchange.ask()
        unit, _, total = what.headers["content-range"].partition("/")
        first, last = (int(number) for number in unit.removeprefix("bytes ").split("-"))
        body = exchange.whole_before().body[first + by :]
        other = Answer(what.status, body, what.headers, what.reason)
        span = f"bytes {first + by}-{last}/{total}"
        exchange.pass_on(other.having(content_length=str(len(body)), content_range=span))

    return fault


def redirect(to: str, status: int = 307) -> Fault:
    return instead(answer(status, location=to))
