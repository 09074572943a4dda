"""Looks for secrets in whatever a program lets out: as they are, and in every form in which others would write them."""

import base64
import html
import json
import secrets
from collections.abc import Iterable, Mapping
from itertools import product
from urllib.parse import quote

START_BYTES = 16  # a secret that was cut there is still given away


def hostile_secret(blank: bool = False) -> str:
    """One that nothing else contains, with characters that every form of writing writes in its own way."""
    return secrets.token_hex(8) + f"p@ss/w:rd+{' ' if blank else ''}%&<>\"'\\=?" + secrets.token_hex(8)


def _base64_digits(value: bytes, before: int) -> str:
    """Those that come from the value alone when so many bytes stand before it."""
    text = base64.b64encode(bytes(before) + value).decode().rstrip("=")
    return text[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]


def _percent(value: str, small: bool, blank: str, safe: str) -> str:
    out = quote(value, safe=safe).replace("%20", blank)
    if not small:
        return out
    return "".join("%" + part[:2].lower() + part[2:] if n else part for n, part in enumerate(out.split("%")))


def shapes(secret: str) -> dict[str, str]:
    """By name, each way in which a secret may be written."""
    value = secret.encode()
    in_json = json.dumps(secret)[1:-1]
    out = {
        "as it is": secret,
        "its beginning": secret[:START_BYTES],
        "hexadecimal": value.hex(),
        "HEXADECIMAL": value.hex().upper(),
        "as JSON": in_json,
        "as JSON with \\/": in_json.replace("/", "\\/"),
        "as HTML": html.escape(secret),
        "as HTML with decimal apostrophes": html.escape(secret).replace("&#x27;", "&#39;"),
        "as XML": html.escape(secret, quote=False),
    }
    for small, blank, safe in product((False, True), ("%20", "+"), ("", "/")):
        out[f"URL-encoded, small={small}, blank={blank}, safe={safe!r}"] = _percent(secret, small, blank, safe)
    for before in range(3):
        digits = _base64_digits(value, before)
        out[f"base64 behind {before} bytes"] = digits
        out[f"base64url behind {before} bytes"] = digits.replace("+", "-").replace("/", "_")
    return out


def found(secrets_by_name: Mapping[str, str], places: Iterable[tuple[str, str]]) -> list[str]:
    """`NAME, URL-encoded, in PLACE` for each find; never the secret itself."""
    wanted = {name: shapes(secret) for name, secret in secrets_by_name.items()}
    return sorted({
        f"{name}, {shape}, in {place}"
        for place, text in places
        for name, forms in wanted.items()
        for shape, form in forms.items()
        if form in text
    })  # fmt: skip
