#!/usr/bin/env python3
"""Takes pictures of Odoo's pages with a headless Chromium.

One picture:

    tools/screenshots.py --login contract_sales --path /odoo/sales/1 \\
        --wait .o_form_view --click 'a[name="contract_page"]' --out order.png

Several, from a JSON file with a list of objects whose keys are the names of the
options ("click" and "script" may be lists):

    tools/screenshots.py --list pictures.json --folder docs/images

Errors of the browser's console are printed, and make the exit code 1. Needs the
package websocket-client: .local/venv/bin/python has it after ./test.
"""

import argparse
import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path

import websocket

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--disable-translate",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--remote-allow-origins=*",
    "--remote-debugging-port=0",
)


class BrowserError(Exception):
    pass


class Browser:
    """A Chromium that ends with the with block, and one page in it."""

    def __init__(self, base_url="http://127.0.0.1:8069", timeout=60):
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.errors = []
        self.user = None
        self._numbers = itertools.count(1)

    def __enter__(self):
        program = next(filter(None, map(shutil.which, BROWSERS)), None)
        if not program:
            raise BrowserError("Chromium is missing: sudo apt install chromium")
        self._profile = tempfile.mkdtemp(prefix="screenshots-")
        # A process group of its own, so that none of its many processes stays.
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._socket = websocket.create_connection(
                self._page_address(), timeout=self.timeout, suppress_origin=True
            )
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.command(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        with suppress(AttributeError, OSError, websocket.WebSocketException):
            self._socket.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _page_address(self):
        """Chromium writes its port into its profile when it listens."""
        port_file = Path(self._profile) / "DevToolsActivePort"
        deadline = time.monotonic() + self.timeout
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise BrowserError("Chromium ended at once")
            with suppress(OSError, IndexError, StopIteration):
                port = port_file.read_text().splitlines()[0]
                with opener.open(f"http://127.0.0.1:{port}/json", timeout=5) as answer:
                    pages = json.load(answer)
                page = next(page for page in pages if page["type"] == "page")
                return page["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise BrowserError("Chromium does not answer")

    def command(self, method, **params):
        number = next(self._numbers)
        self._socket.send(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._note_event(message)

    def _note_event(self, message):
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                thrown = details.get("exception", {}).get("description")
                self.errors.append(thrown or details["text"])
            case "Runtime.consoleAPICalled" if params["type"] == "error":
                self.errors.append(
                    " ".join(
                        str(part.get("value", part.get("description", "")))
                        for part in params["args"]
                    )
                )
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                entry = params["entry"]
                # a page of nothing but a printed form has no icon
                if entry.get("url", "").endswith("/favicon.ico"):
                    return
                self.errors.append(f"{entry['text']} {entry.get('url', '')}".strip())
            case "Page.javascriptDialogOpening":
                # Nobody is there to answer; the answer's reply is not waited for.
                self._socket.send(
                    json.dumps(
                        {
                            "id": next(self._numbers),
                            "method": "Page.handleJavaScriptDialog",
                            "params": {"accept": True},
                        }
                    )
                )

    def evaluate(self, expression):
        result = self.command(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            reason = details.get("exception", {}).get("description", details["text"])
            raise BrowserError(f"{expression}: {reason}")
        return result["result"].get("value")

    def wait(self, condition):
        """Waits for a selector's element to be seen, or for "js:EXPRESSION"."""
        if condition.startswith("js:"):
            expression = f"Boolean({condition[3:]})"
        else:
            expression = (
                f"[...document.querySelectorAll({json.dumps(condition)})]"
                ".some((node) => node.getClientRects().length > 0)"
            )
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            # A page that is being left has no answer.
            with suppress(BrowserError):
                if self.evaluate(expression):
                    return
            time.sleep(0.1)
        place = self.evaluate("location.href")
        raise BrowserError(f"{condition} did not appear on {place}")

    def settle(self):
        """Pictures, fonts and Odoo's own requests have arrived, nothing moves."""
        self.wait("js:document.readyState === 'complete'")
        self.wait("js:!document.querySelector('.o_loading_indicator, .o_blockUI')")
        self.evaluate(
            "Promise.all([document.fonts.ready, ...[...document.images]"
            ".filter((image) => !image.complete && image.loading !== 'lazy')"
            ".map((image) => new Promise((done) => {"
            " image.onload = image.onerror = done; }))]).then(() => true)"
        )
        time.sleep(0.5)

    def viewport(self, width=1440, height=900, scale=1, mobile=False):
        self.size = {"width": width, "height": height, "scale": scale, "mobile": mobile}
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=mobile,
        )
        self.command("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def open(self, path):
        self.command("Page.navigate", url=urllib.parse.urljoin(self.base_url, path))

    def login(self, login, password=None, language=None):
        """Logs in; language (such as zh_CN) becomes the user's own."""
        if self.user == login:
            return self.set_language(language)
        self.command("Network.clearBrowserCookies")
        self.open("/web/login")
        self.wait("input[name=login]")
        values = json.dumps([login, password or login])
        self.evaluate(
            "((values) => {"
            " const form = document.querySelector('form.oe_login_form');"
            " form.querySelector('[name=login]').value = values[0];"
            " form.querySelector('[name=password]').value = values[1];"
            " form.submit(); })"
            f"({values})"
        )
        self.wait(
            "js:location.pathname !== '/web/login' || "
            "document.querySelector('.alert-danger')"
        )
        if self.evaluate("location.pathname") == "/web/login":
            raise BrowserError(f"{login} can't log in: is the password {password}?")
        self.user = login
        self.set_language(language)

    def set_language(self, language):
        if not language:
            return
        self.wait("js:document.readyState === 'complete'")
        user_id = self.call("/web/session/get_session_info")["uid"]
        self.call(
            "/web/dataset/call_kw/res.users/write",
            model="res.users",
            method="write",
            args=[[user_id], {"lang": language}],
            kwargs={},
        )

    def call(self, route, **params):
        """A JSON-RPC request with the session of the page."""
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        answer = self.evaluate(
            f"fetch({json.dumps(route)}, {{method: 'POST', headers: "
            f"{{'Content-Type': 'application/json'}}, body: {json.dumps(body)}}})"
            ".then((answer) => answer.json())"
        )
        if "error" in answer:
            raise BrowserError(f"{route}: {answer['error']['data']['message']}")
        return answer["result"]

    def click(self, target):
        """A click with the mouse; "text=Words" finds the element by its text."""
        if target.startswith("text="):
            found = (
                "[...document.querySelectorAll('a, button, label, span, td, [role]')]"
                f".filter((node) => node.textContent.trim() === "
                f"{json.dumps(target[5:])} && node.getClientRects().length)[0]"
            )
        else:
            found = f"document.querySelector({json.dumps(target)})"
        self.wait(f"js:{found}")
        place = self.evaluate(
            f"((node) => {{ node.scrollIntoView({{block: 'center'}});"
            " const box = node.getBoundingClientRect();"
            f" return [box.x + box.width / 2, box.y + box.height / 2]; }})({found})"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.command(
                "Input.dispatchMouseEvent",
                type=kind,
                x=place[0],
                y=place[1],
                button="none" if kind == "mouseMoved" else "left",
                clickCount=0 if kind == "mouseMoved" else 1,
            )
        time.sleep(0.2)

    def full_height(self):
        """Makes the window as high as what scrolls inside of it."""
        height = self.evaluate(
            "Math.max(document.documentElement.scrollHeight, ...["
            "...document.querySelectorAll('.o_content, .o_form_sheet_bg, #wrapwrap')]"
            ".map((node) => node.getBoundingClientRect().top + node.scrollHeight))"
        )
        if height > self.size["height"]:
            self.viewport(**{**self.size, "height": min(int(height) + 1, 16000)})
            self.settle()

    def save(self, path):
        picture = self.command("Page.captureScreenshot", format="png")
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(picture["data"]))

    def take(self, out, path=None, wait=(), click=(), script=(), full=False, **options):
        """Opens a page, does the steps and saves the picture; returns new errors."""
        known = len(self.errors)
        size = {
            name: options[name]
            for name in ("width", "height", "scale", "mobile")
            if options.get(name) is not None
        }
        self.viewport(**size)
        if options.get("login"):
            self.login(
                options["login"], options.get("password"), options.get("language")
            )
        if path:
            self.open(path)
        for condition in as_list(wait) or ["body"]:
            self.wait(condition)
        self.settle()
        for target in as_list(click):
            self.click(target)
            self.settle()
        for expression in as_list(script):
            self.evaluate(expression)
            self.settle()
        for condition in as_list(options.get("then")):
            self.wait(condition)
            self.settle()
        if full:
            self.full_height()
        self.save(out)
        return self.errors[known:]


def as_list(value):
    if not value:
        return []
    return [value] if isinstance(value, str) else list(value)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--url", default="http://127.0.0.1:8069", help="where Odoo answers")
    add("--login", help="user to log in; without one, what visitors see")
    add("--password", help="the login itself if left out")
    add("--language", help="such as zh_CN; becomes the user's language")
    add("--path", help="page, such as /odoo/sales/1")
    add("--wait", action="append", help="selector, or js:EXPRESSION")
    add("--click", action="append", help="selector, or text=WORDS; after waiting")
    add("--script", action="append", help="JavaScript; after the clicks")
    add("--then", action="append", help="like --wait; after the script")
    add("--width", type=int)
    add("--height", type=int)
    add("--scale", type=float, help="device pixels a pixel")
    add("--mobile", action="store_true", default=None)
    add("--full", action="store_true", help="as high as the content")
    add("--out", help="PNG file to write")
    add("--list", help="JSON file with several pictures")
    add("--folder", default=".", help="where the pictures of --list go")
    add("--timeout", type=float, default=60, help="seconds to wait for anything")
    args = vars(parser.parse_args())
    if not args["out"] and not args["list"]:
        parser.error("--out or --list is needed")
    return args


def main():
    args = arguments()
    common = {
        name: value
        for name, value in args.items()
        if value is not None and name not in ("url", "list", "folder", "timeout", "out")
    }
    if args["list"]:
        pictures = json.loads(Path(args["list"]).read_text(encoding="utf-8"))
        for picture in pictures:
            picture["out"] = Path(args["folder"]) / picture["out"]
    else:
        pictures = [{"out": args["out"]}]
    failed = False
    try:
        with Browser(args["url"], args["timeout"]) as browser:
            for picture in pictures:
                errors = browser.take(**{**common, **picture})
                print(picture["out"])
                for error in errors:
                    failed = True
                    print(f"  console: {error}", file=sys.stderr)
    except (BrowserError, OSError, websocket.WebSocketException) as error:
        sys.exit(f"Error: {error}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
