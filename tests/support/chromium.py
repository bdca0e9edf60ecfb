"""A headless Chromium, driven by the DevTools protocol over a pipe: no driver program, no network port.

The protocol is JSON messages that end in a NUL byte, read by the browser from descriptor 3 and written to 4.
"""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import processes

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--remote-debugging-pipe"]


class Chromium:
    """One page. Use it as a context manager."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        self.stack.callback(shutil.rmtree, self.profile, ignore_errors=True)
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()
        self.stack.callback(os.close, self.output)
        self.stack.callback(os.close, self.input)

        def connect() -> None:
            # Both ends away from 3 and 4 first: either may be one of the two.
            read, write = os.dup(to_browser), os.dup(from_browser)
            read, write = os.dup(read), os.dup(write)
            os.dup2(read, 3)
            os.dup2(write, 4)
            os.set_inheritable(3, True)
            os.set_inheritable(4, True)

        command = ["chromium", *FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        process = self.stack.enter_context(processes.launch(command, limit=2 * processes.LIMIT, preexec_fn=connect, close_fds=False,
                                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                                            stderr=subprocess.DEVNULL))
        self.stack.callback(process.kill)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.last_id = 0
        self.session: str | None = None
        self.events: list[dict[str, Any]] = []
        try:
            self._attach()
        except BaseException:
            self.stack.close()
            raise

    def _attach(self) -> None:
        target = next(target for target in self.call("Target.getTargets")["targetInfos"] if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Log.enable")
        self.call("Runtime.enable")
        self.call("Network.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """The result of one command; events that come meanwhile are kept in `events`."""
        self.last_id += 1
        message: dict[str, Any] = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self.last_id:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.events.append(answer)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            block = os.read(self.input, 1 << 16)
            assert block, "chromium has gone"
            self.buffer += block
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path, fragment: str = "") -> None:
        """Loads a file and waits until it has loaded."""
        self._go_to("about:blank")  # another fragment alone would not load the page anew
        self.events.clear()
        self._go_to(page.absolute().as_uri() + fragment)

    def _go_to(self, url: str) -> None:
        loader = self.call("Page.navigate", url=url)["loaderId"]
        state = "document.readyState === 'complete' && location.href"
        while not (self.call("Page.getFrameTree")["frameTree"]["frame"]["loaderId"] == loader and self.evaluate(state)):
            time.sleep(0.01)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text or (key if len(key) == 1 else ""),
                  windowsVirtualKeyCode=code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def show(self, width: int, height: int, *, is_dark: bool = False, is_printed: bool = False) -> None:
        """Sets the window's size and what the page is told of colours and paper."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media="print" if is_printed else "screen",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def problems(self) -> list[str]:
        """What the page's console says is wrong: script errors, requests that its policy forbids."""
        wrong = []
        for event in self.events:
            if event.get("method") == "Runtime.exceptionThrown":
                wrong.append(str(event["params"]["exceptionDetails"]))
            elif event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] in ("error", "warning"):
                wrong.append(event["params"]["entry"]["text"])
        return wrong

    def requests(self) -> list[str]:
        """The addresses that were asked for since open()."""
        return [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]
