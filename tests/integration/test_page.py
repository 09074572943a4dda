"""The status page in a real browser: what people see, and that nothing keeps them from seeing it.

Each case is looked at in light and dark, on a phone and on a desk; what was seen is in build/results/page."""

import json
import re
import signal
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from support import objects
from support.axe import axe_script
from support.browser import Browser, Look, chromium, is_from
from support.database import edit_url
from support.forwarding import forwarded
from support.ingestor import Process, free_port
from support.places import RESULTS
from support.scene import Scene
from support.throttled import throttled
from support.waiting import wait_until

LOOKS = [Look(width, height, scheme) for width, height in ((320, 700), (1280, 800)) for scheme in ("light", "dark")]
FOLLOWS_WITHIN = 30.0  # seconds: the ledger's figures are 10 s old, the page 5 s, and the machine busy
MILLISECONDS_OF_ONE_REQUEST = 500  # and more
SLOW = 60_000  # bytes each second, of each connection
# As long as S3 allows. (MinIO has a file for each key, so no name between two slashes is longer than a file's.)
HOSTILE = "app/<script>alert(1)</script>/\u202eback\u2066wards/שלום/\"quoted\" & 'this'/🔥/\u200b/"
HOSTILE += ("x" * 199 + "/") * 5
HOSTILE = HOSTILE.encode()[:1024].decode().removesuffix("/")


@pytest.fixture(scope="module")
def start_browser() -> Iterator[Callable[[], Browser]]:
    with chromium() as start:
        yield start


@pytest.fixture(scope="module")
def browser(start_browser: Callable[[], Browser]) -> Browser:
    return start_browser()


@pytest.fixture(scope="session")
def axe() -> str:
    return axe_script()


@dataclass
class Service:
    process: Process
    url: str

    def page(self) -> str:
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return answer.read().decode()

    def await_page(self, what: str, *texts: str) -> None:
        """Until the page has all of these in it."""

        def has_all() -> bool:
            page = self.page()
            return all(text in page for text in texts)

        self.process.wait_until(what, has_all, FOLLOWS_WITHIN)


@contextmanager
def serving(scene: Scene, **changes: str) -> Iterator[Service]:
    listen = f"127.0.0.1:{free_port()}"
    changes = {"INGESTOR_HTTP_LISTEN": listen, "INGESTOR_POLL_INTERVAL": "500ms"} | changes
    with scene.ingestor.having(**changes).running() as process:
        service = Service(process, f"http://{changes['INGESTOR_HTTP_LISTEN']}/")
        process.wait_until("it answers", lambda: _answers(service.url))
        yield service


def _answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


def visit(browser: Browser, service: Service, axe: str, name: str) -> None:
    """Looks at a page in every way, and holds that it is fit for people in each."""
    for look in LOOKS:
        browser.look(look)
        browser.seen()
        browser.open(service.url)
        browser.screenshot(RESULTS / "page" / f"{name}-{look}.png")
        assert_fits(browser, look)
        assert_accessible(browser, axe, look)
        seen = browser.seen()
        assert seen.console == [], look
        assert seen.requests and all(is_from(url, service.url.rstrip("/")) for url in seen.requests), seen.requests


def assert_fits(browser: Browser, look: Look) -> None:
    """The page itself never scrolls sideways, and nothing sticks out of it."""
    assert browser.run("return document.documentElement.scrollWidth") <= look.width, look
    outside = browser.run(
        "return [...document.querySelectorAll('body *')].filter(e => !e.closest('.skip, .hidden, thead')"
        " && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 200))"
    )
    assert outside == [], look


def assert_accessible(browser: Browser, axe: str, look: Look) -> None:
    browser.run(axe + "; window.axe = axe")
    found = browser.run(
        "return axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(found => found.violations"
        ".map(one => ({rule: one.id, help: one.help, where: one.nodes.map(node => node.html.slice(0, 300)),"
        " why: one.nodes.map(node => node.failureSummary)})))"
    )
    assert found == [], f"{look}: {json.dumps(found, indent=1)}"


def text_of(browser: Browser, selector: str) -> str:
    return browser.run("return document.querySelector(arguments[0]).textContent", selector)


def tile(browser: Browser, name: str) -> str:
    """The figure below a name."""
    return browser.run(
        "return [...document.querySelectorAll('dt')].find(e => e.textContent === arguments[0])"
        ".nextSibling.firstChild.textContent",
        name,
    )


def await_tile(browser: Browser, name: str, figure: str) -> None:
    wait_until(f"{name} is {figure}", lambda: tile(browser, name) == figure, FOLLOWS_WITHIN)


def test_an_empty_ledger(scene: Scene, browser: Browser, axe: str) -> None:
    with serving(scene) as service:
        service.await_page("it has looked around", "Up to date", "Nothing has failed.", "Alive")
        visit(browser, service, axe, "empty")
        assert text_of(browser, "#state") == "Up to date"
        assert "Every line so far has become a row." in text_of(browser, "main")


def test_a_running_load(scene: Scene, browser: Browser, axe: str) -> None:
    """Each fetcher is shown with what it does; the page follows by itself, and leaves its reader where they are."""
    lines = objects.json_lines(10_000)
    scene.bucket.put_all({f"app/2026-01-01T{n:02}.json.gz": objects.stored(lines) for n in range(6)})
    with throttled(scene.bucket.store.endpoint, SLOW) as wire:
        with serving(scene, AWS_ENDPOINT=f"http://127.0.0.1:{wire.port}") as service:
            service.await_page("it loads", "Being loaded</dt><dd>4<", 'value="1')
            visit(browser, service, axe, "running")
            assert text_of(browser, "#state") == "Keeping up"
            stages = browser.run("return [...document.querySelectorAll('.fetchers td:nth-child(2)')].map(e=>e.innerText)")
            assert len(stages) == 4 and all(stages), stages
            assert_follows(browser, lambda: setattr(wire, "bytes_per_second", None))
            await_tile(browser, "Completed", "6")
            assert tile(browser, "Rows") == "60,000"


def assert_follows(browser: Browser, let_go: Callable[[], None]) -> None:
    """The figures change in place: no reload, and scroll position, focus and selection stay."""
    browser.run(
        "window.marker = 1; document.querySelector('nav a').focus({preventScroll: true}); scrollTo({top: 300, behavior: 'instant'});"
        "getSelection().selectAllChildren(document.getElementById('now'))"
    )
    before = browser.run(WHERE_THE_READER_IS)
    bar = "document.querySelector('progress')?.value ?? 100"
    shown = browser.run(f"return {bar}")
    browser.wait_until("a bar has moved", f"({bar}) !== {shown}", FOLLOWS_WITHIN)
    let_go()
    await_tile(browser, "Waiting", "0")
    after = browser.run(WHERE_THE_READER_IS)
    assert after == before and after["marker"] == 1, (before, after)


WHERE_THE_READER_IS = (
    "return {marker: window.marker, y: scrollY, focus: document.activeElement.textContent,"
    " selected: getSelection().toString().slice(0, 20)}"
)


def test_a_failure_with_a_hostile_key(scene: Scene, browser: Browser, axe: str) -> None:
    bad_lines = objects.json_lines(10) + b"<script>alert(2)</script>\n[1]\n\xff\xfe\n"
    scene.bucket.put_all({
        HOSTILE: objects.truncated(objects.json_lines(500)),
        "app/plain's.gz": objects.truncated(objects.json_lines(500)),
        "app/" + "lines" * 40: bad_lines,
        HOSTILE.replace("back", "line"): bad_lines,
    })  # fmt: skip
    assert scene.ingestor.having(INGESTOR_RETRY_BACKOFF="1h")("once").code == 1
    with serving(scene, INGESTOR_RETRY_BACKOFF="1h") as service:
        service.await_page("all is told", "Failed</dt><dd class=\"bad\">2<", "Completed</dt><dd>2<", "Tried again")
        visit(browser, service, axe, "hostile")
        assert browser.run("return document.querySelectorAll('script').length") == 1
        assert "U+202E" in text_of(browser, "#failed ~ ul") and "\u202e" not in service.page()
        assert text_of(browser, "#failed ~ ul").count("xxxxxxxx") > 50, "the key is there as a whole"
        command = browser.run(
            "return [...document.querySelectorAll('#failed ~ ul code')].map(e => e.textContent)"
            ".find(text => text.includes('plain'))"
        )
        assert command == "ingestor retry --key='app/plain'\\''s.gz'"


def test_a_dead_replica(scene: Scene, browser: Browser, axe: str) -> None:
    scene.migrate_and_put({f"{n}.gz": objects.stored(objects.json_lines(20_000)) for n in range(8)})
    with throttled(scene.bucket.store.endpoint, SLOW) as wire:
        slow = {"AWS_ENDPOINT": f"http://127.0.0.1:{wire.port}"}
        with serving(scene, INGESTOR_REPLICA="doomed", **slow) as doomed:
            holds = "SELECT count(*) FROM processed_file WHERE lease_owner = 'doomed'"
            wait_until("it holds files", lambda: scene.database.value(holds) != 0)
            wait_until("it has reported", lambda: scene.database.rows("SELECT 1 FROM ingestor_replica"))
            doomed.process.send(signal.SIGKILL)
            doomed.process.wait()
        # Nobody waits for half a minute here: its last word is made older.
        scene.database.execute("UPDATE ingestor_replica SET seen_at = seen_at - interval '100 seconds'")
        with serving(scene, INGESTOR_REPLICA="survivor", **slow) as service:
            service.await_page("both are there", "survivor</bdi></div></th>", "Dead</span>")
            visit(browser, service, axe, "dead-replica")
            cards = browser.run("return [...document.querySelectorAll('#replicas ~ *, section table tr')].map(e => e.innerText)")
            [row] = [text for text in cards if text.startswith(("doomed", "Replica\ndoomed", "Replica doomed"))]
            assert re.search(r"Dead\s+last heard of 1m .*\d files?\s+lease ends\s+in ", row, re.DOTALL), row
            assert "1 replica is dead." in text_of(browser, "#top")


def test_a_database_that_is_down(scene: Scene, browser: Browser, axe: str) -> None:
    server = urlsplit(scene.database.url)
    scene.bucket.put("a", objects.json_lines(3))
    with forwarded(str(server.hostname), int(server.port or 0)) as wire:
        url = edit_url(scene.database.url, host="127.0.0.1", port=wire.port)
        assert scene.ingestor("once").code == 0
        with serving(scene, DATABASE_URL=url) as service:
            service.await_page("the file is completed", "Completed</dt><dd>1<")
            with wire.down():
                service.await_page("it is in trouble", "The database cannot be used")
                visit(browser, service, axe, "database-down")
                assert tile(browser, "Completed") == "1", "what was known is still shown"
                assert str(wire.port) in text_of(browser, "#top") or "reset" in text_of(browser, "#top")
                assert scene.database.cluster.password not in service.page()
            browser.wait_until("it says that it is over", "state.textContent === 'Up to date'", FOLLOWS_WITHIN)


def test_a_service_that_is_gone_is_said_to_be(scene: Scene, browser: Browser) -> None:
    """The page says how old it is, and goes on when the service is back; nothing of it is lost meanwhile."""
    listen = f"127.0.0.1:{free_port()}"
    browser.look(LOOKS[-1])
    with serving(scene, INGESTOR_HTTP_LISTEN=listen) as service:
        browser.open(service.url)
        assert service.process.stop().code == 0
        browser.wait_until("it says so", "state.textContent === 'Not reached'")
        browser.wait_until("it counts", "/^Last updated (1\\d|\\d\\d+)s ago; asking again in /.test(by_id('as-of'))"
                           .replace("by_id('as-of')", "document.getElementById('as-of').textContent"))
        browser.screenshot(RESULTS / "page" / "gone.png")
    with serving(scene, INGESTOR_HTTP_LISTEN=listen):
        browser.wait_until("it is there again", "state.textContent === 'Up to date'", limit=90)
        assert text_of(browser, "#as-of").startswith("As of ")


@pytest.mark.slow
def test_a_service_that_has_frozen_is_not_waited_for(scene: Scene, browser: Browser) -> None:
    browser.look(LOOKS[-1])
    with serving(scene) as service:
        service.await_page("it has looked around", "Up to date")
        browser.open(service.url)
        service.process.send(signal.SIGSTOP)
        try:
            browser.wait_until("it says so", "state.textContent === 'Not reached'")
        finally:
            service.process.send(signal.SIGCONT)
        browser.wait_until("it is there again", "state.textContent === 'Up to date'", limit=90)


def test_nobody_looks_nobody_asks(scene: Scene, browser: Browser) -> None:
    with serving(scene) as service:
        browser.open(service.url)
        asked = "performance.getEntriesByType('resource').filter(e => e.initiatorType === 'xmlhttprequest').length"
        browser.wait_until("it asks", f"{asked} > 0")
        browser.run(HIDE)
        browser.run(f"return new Promise(done => setTimeout(done, {MILLISECONDS_OF_ONE_REQUEST}))")
        count = browser.run(f"return {asked}")
        assert browser.run(f"return new Promise(done => setTimeout(() => done({asked}), 6000))") == count
        browser.run(SHOW)
        browser.wait_until("it asks at once", f"{asked} > {count}", limit=4.0)


# A headless window is never hidden: what the page asks about it is answered here.
HIDE = (
    "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
    "document.dispatchEvent(new Event('visibilitychange'))"
)
SHOW = HIDE.replace("value: true", "value: false")


def test_without_javascript_it_is_complete(scene: Scene, start_browser: Callable[[], Browser]) -> None:
    scene.bucket.put_all({"a": objects.json_lines(3), "b.gz": objects.truncated(objects.json_lines(500))})
    assert scene.ingestor.having(INGESTOR_RETRY_BACKOFF="1h")("once").code == 1
    with serving(scene, INGESTOR_RETRY_BACKOFF="1h") as service:
        service.await_page("all is told", "Failed</dt><dd class=\"bad\">1<", "Alive")
        browser = start_browser()
        browser.look(LOOKS[0])
        browser.javascript(on=False)
        browser.open(service.url)
        browser.screenshot(RESULTS / "page" / "no-javascript.png")
        root = browser.cdp("DOM.getDocument")["root"]["nodeId"]
        shown = browser.cdp("DOM.getOuterHTML", nodeId=root)["outerHTML"]
        for text in ("Up to date", "b.gz", "ingestor retry", "Alive", "The last hour", 'http-equiv="refresh"'):
            assert text in shown, text
        asked = [0]

        def is_reloaded() -> bool:
            asked[0] += browser.seen().requests.count(service.url)
            return asked[0] >= 2

        wait_until("it is reloaded", is_reloaded, limit=30.0, interval=0.5)


def test_the_policy_holds(scene: Scene, browser: Browser) -> None:
    """What somebody might smuggle in does not run, and nothing may be sent anywhere."""
    with serving(scene) as service:
        with urllib.request.urlopen(service.url, timeout=10) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
        assert headers["x-frame-options"] == "DENY" and headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert "unsafe" not in headers["content-security-policy"]
        browser.open(service.url)
        browser.run(
            "window.violated = []; document.addEventListener('securitypolicyviolation',"
            " e => violated.push(e.effectiveDirective));"
            "document.body.append(Object.assign(document.createElement('img'), {src: '/x.png'}));"
            "const s = document.createElement('style'); s.textContent = '*{}'; document.body.append(s);"
            "document.body.setAttribute('style', 'color:red');"
            "try { document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'})) }"
            " catch (e) { violated.push('trusted') }"
        )
        browser.wait_until("all is refused", "violated.length >= 4")
        assert browser.run("return window.ran") is None
