"""Passwords beyond ASCII: the server prepares them (SASLprep) when it makes its verifier, and the client must come to
the same. INGESTOR_TEST_SEED repeats a run."""

import base64
import hashlib
import hmac
import os
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from support import verdicts
from support.login_server import LoginServer, login_server

ITERATIONS = 4096
# What is set, what is typed, whether they are one password.
PASSWORDS: list[tuple[str, str, bool]] = [
    ("I\u00adX", "IX", True),  # the soft hyphen is mapped to nothing
    ("\u2168", "IX", True),
    ("\uff50\uff57\uff11", "pw1", True),
    ("u\u0308ber", "\u00fcber", True),
    ("\u00fcber", "u\u0308ber", True),
    ("\u00aa", "a", True),
    ("\ufb01le", "file", True),
    ("a\u00a0b", "a b", True),
    ("a\u3000b", "a b", True),
    ("zero\u200dwidth\ufeff", "zerowidth", True),
    ("\u200bspace", " space", True),  # RFC 3454 has it twice: as a space, and as nothing
    ("\u1e9b\u0323", "\u1e69", True),
    ("\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af", True),
    ("\u0627\u0031\u0627", "\u0627\uff11\u0627", True),  # right-to-left at both ends
    ("\u0627\u0031", "\u0627\uff11", False),  # and not: what cannot be prepared is taken as it is
    ("a\u0627b", "\uff41\u0627b", False),
    ("bell\u0007", "bell", False),
    ("bell\u0007\u00aa", "bell\u0007a", False),
    ("tag\U000e0001", "tag", False),
    ("private\ue000\u00aa", "private\ue000a", False),
    ("unassigned\u0221\u00aa", "unassigned\u0221a", False),
    # Judged before it is normalised: refused, though U+0300 would come of it; taken, though Hebrew comes of it.
    ("\u0340\u00aa", "\u0300a", False),
    ("\u2135\u00aa", "\u2135a", True),
    ("\U0002f868", "\u36fc", True),  # corrected in Unicode after 3.2, in which it is another character
    ("\u00ad", "", False),  # nothing is left of it
    ("IX", "ix", False),
    ("\u00df", "ss", False),
    ("\U0001f511", "\U0001f511", True),
    (" blanks at the ends ", "blanks at the ends", False),
    ("a:b@c/d%e?f&g=h#i'j\\k\"l", "a:b@c/d%e?f&g=h#i'j\\k\"l", True),
    ("x" * 2000, "x" * 2000, True),
]
RANDOM_PASSWORDS = 100
RANDOM_PASSWORDS_SLOW = 2000
CHARACTERS_MAX = 12
# Not UTF-8, or not what an encoder may write: no server can be told these in SQL, but it can be given a verifier.
MALFORMED = [b"\xff", b"pass\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc2\xadlatin\xe9"]


@pytest.fixture(scope="module")
def server() -> Iterator[LoginServer]:
    with login_server() as made:
        yield made


def random_passwords(count: int, chance: random.Random) -> list[str]:
    """Of characters that were assigned in Unicode 3.2, about half of which are not the normal form of themselves;
    mostly of one or two blocks, as people's are."""
    three_two = unicodedata.ucd_3_2_0
    assigned = [each for each in map(chr, range(1, 0x110000)) if three_two.category(each) not in ("Cn", "Cs", "Co")]
    decomposable = [each for each in assigned if three_two.decomposition(each)]
    made = []
    for _ in range(count):
        blocks = []
        for _ in range(chance.randint(1, 3)):
            characters = chance.choice((assigned, decomposable))
            start = chance.randrange(len(characters))
            blocks.append(characters[start : start + 40])
        made.append("".join(chance.choice(chance.choice(blocks)) for _ in range(chance.randint(1, CHARACTERS_MAX))))
    return made


def set_passwords(server: LoginServer, passwords: list[str], prefix: str) -> list[str]:
    """A role for each."""
    with psycopg.connect(server.superuser_url) as admin:
        roles = [f"{prefix}_{number}" for number in range(len(passwords))]
        for role, password in zip(roles, passwords, strict=True):
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), password))
    return roles


def uri_of(server: LoginServer, role: str, password: str | bytes) -> str:
    return server.uri(role, sslmode="disable").replace(f"{role}@", f"{role}:{quote(password, safe='')}@")


def assert_agree(server: LoginServer, home: Path, tries: list[tuple[str, str | bytes, bool | None]]) -> None:
    """Each is a role, a password, and whether that is the right one, if it is known."""
    uris = [uri_of(server, role, password) for role, password, _ in tries]
    wrong = []
    theirs = verdicts.psql(server.psql, uris, home)
    for (_, password, right), ours, psql in zip(tries, verdicts.ours(uris, home), theirs, strict=True):
        agree = ours.what == psql.what and (right is None or right == (ours.what != "out"))
        if not agree:
            wrong.append(f"{password!a}, right: {right}\n  ours: {ours}\n  psql: {psql}")
    assert not wrong, "\n".join(wrong)


def test_what_is_set_and_what_is_typed(server: LoginServer, new_folder: Callable[[], Path]) -> None:
    roles = set_passwords(server, [is_set for is_set, _, _ in PASSWORDS], "typed")
    as_set = [(role, is_set, True) for role, (is_set, _, _) in zip(roles, PASSWORDS, strict=True)]
    as_typed = [(role, typed, same) for role, (_, typed, same) in zip(roles, PASSWORDS, strict=True)]
    assert_agree(server, new_folder(), as_set + as_typed)


@pytest.mark.parametrize(
    "count", [RANDOM_PASSWORDS, pytest.param(RANDOM_PASSWORDS_SLOW, marks=pytest.mark.slow)]
)
def test_random_passwords(server: LoginServer, new_folder: Callable[[], Path], count: int) -> None:
    seed = int(os.environ.get("INGESTOR_TEST_SEED", random.randrange(1 << 32)))
    print(f"INGESTOR_TEST_SEED={seed}")
    passwords = random_passwords(count, random.Random(seed))
    roles = set_passwords(server, passwords, f"random_{count}")
    assert_agree(server, new_folder(), [(*each, True) for each in zip(roles, passwords, strict=True)])


def verifier(password: bytes) -> str:
    """What the server keeps of a password that nobody prepares."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password, salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    of_server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored, of_server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"


def test_passwords_that_are_not_utf8_are_taken_as_they_are(
    server: LoginServer, new_folder: Callable[[], Path]
) -> None:
    roles = set_passwords(server, [verifier(password) for password in MALFORMED], "malformed")
    assert_agree(server, new_folder(), [(*each, True) for each in zip(roles, MALFORMED, strict=True)])
