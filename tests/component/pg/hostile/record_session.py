"""Records what a real server answers in one session, as recorded_session.cpp has it.

usage: record_session.py DIRECTORY PORT    of the server's unix socket, where "postgres" needs no password

Prints each exchange: the type of the client's message that the server waits for, 0 for the first of
a connection, and its answers. AuthenticationOk is not among them: before it stands an exchange of
SCRAM, whose bytes follow from the client's, so the tests compute it anew.
"""

import socket
import struct
import sys


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


def statement(sql):
    bind = b"\0\0" + struct.pack("!hhhhh", 1, 1, 0, 1, 1)
    return message(b"P", b"\0" + sql + b"\0\0\0") + message(b"B", bind) + message(b"D", b"P\0") + message(b"E", b"\0" + struct.pack("!i", 0))


def query(sql):
    return message(b"Q", sql + b"\0")


SYNC = message(b"S")
ROW = struct.pack("!hi", 1, 8)
COPY_ROWS = b"PGCOPY\n\xff\r\n\0" + bytes(8) + ROW + struct.pack("!q", 1) + ROW + struct.pack("!q", 2) + b"\xff\xff"
COPIED = message(b"d", COPY_ROWS) + message(b"c")

TABLE = b"""create temp table t (a bigint primary key);
create function pg_temp.talk() returns trigger language plpgsql as
$$ begin raise notice 'row %', new.a; return new; end $$;
create trigger talk before insert on t for each row execute function pg_temp.talk()"""
TYPES = b"""select n::int8, 'some text'::text, n = 1, '\\x00ff'::bytea, 1.5::float8, '{"a": [1]}'::jsonb,
 '2024-02-29 12:00:00+00'::timestamptz, '00112233-4455-6677-8899-aabbccddeeff'::uuid,
 case when n = 1 then 7::int4 end, array['x', 'y']::text[] from generate_series(1, 2) n"""
SCRIPT = b"""listen news; notify news, 'hello'; set timezone to 'Asia/Tokyo';
do $$ begin raise warning 'take care'; end $$; select 1, 'one'; """
PIPELINE = statement(b"begin") + statement(b"select 42::int8") + statement(b"commit")

COPY = query(b"copy t from stdin (format binary)")
ASKED = [
    ("a query", "S", statement(TYPES) + SYNC),
    ("a query that fails", "S", statement(b"select 1 / 0") + SYNC),
    ("a script", "Q", query(SCRIPT)),
    ("a pipeline", "S", PIPELINE + SYNC),
    ("a COPY begins", "Q", COPY),
    ("its rows are there", "c", COPIED),
    ("another begins", "Q", COPY),
    ("its rows are there already", "c", COPIED),
]


class Session:
    def __init__(self, directory, port):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(f"{directory}/.s.PGSQL.{port}")
        names = b"user\0postgres\0database\0postgres\0client_encoding\0UTF8\0application_name\0ingestor\0\0"
        self._socket.sendall(struct.pack("!ii", len(names) + 8, 196608) + names)

    def ask(self, text):
        self._socket.sendall(text)

    def _exactly(self, count):
        got = b""
        while len(got) < count:
            part = self._socket.recv(count - len(got))
            if not part:
                sys.exit("the server closed the connection")
            got += part
        return got

    def answers(self):
        """Up to and with ReadyForQuery, or the invitation to send COPY data."""
        while True:
            head = self._exactly(5)
            kind, body = head[:1], self._exactly(struct.unpack("!i", head[1:])[0] - 4)
            yield kind.decode(), body
            if kind in b"ZG":
                return


def literal(body):
    printable = (chr(b) if 32 <= b < 127 and b not in b"\"\\?" else f"\\{b:03o}" for b in body)
    return '"' + "".join(printable) + '"sv'


def show(what, awaited, answers):
    print(f"    // {what}")
    print(f"    {{{awaited},")
    print("     {")
    for kind, body in answers:
        print(f"         {{'{kind}', {literal(body)}}},")
    print("     }},")


def main():
    session = Session(*sys.argv[1:3])
    show("logged in", "0", list(session.answers())[1:])
    session.ask(query(TABLE))
    list(session.answers())
    for what, awaited, text in ASKED:
        session.ask(text)
        show(what, f"'{awaited}'", session.answers())


if __name__ == "__main__":
    main()
