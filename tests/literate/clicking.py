"""Click through the Run buttons of a built page in headless Chromium, which can reach no other host."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE = 600.0  # seconds for a page
# In the page: one button after the other, then all that came of it goes to the server.
CLICKS = """
addEventListener("load", async () => {
  const before = performance.getEntriesByType("resource").map(({name}) => name)
  const cells = []
  for (const block of document.querySelectorAll("[data-live]")) {
    const button = block.querySelector(".live-button"), began = performance.now()
    button.click()
    while (button.textContent === "Stop") await new Promise(done => setTimeout(done, 10))
    const text = selector => block.querySelector(selector)?.textContent ?? ""
    const next = block.nextElementSibling
    cells.push({
      name: block.dataset.live, seconds: (performance.now() - began) / 1000,
      output: text(".live-output"), error: text(".live-error"), note: text(".live-out p"),
      status: text(".live-status"), pictures: block.querySelectorAll(".live-out svg").length,
      page: next?.classList.contains("output") ? next.querySelector("code").textContent : "",
    })
  }
  await fetch("", {method: "POST", body: JSON.stringify({before, cells})})
})
"""


def find_browser() -> str | None:
    """The program that can be asked, if one is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def clicked(site: Path, page: str, browser: str) -> dict[str, Any]:
    """What came of each Run button of a page, and what the page had loaded before the first click."""
    answers: Queue[dict[str, Any]] = Queue()
    handler = partial(_Clicking, answers, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, tempfile.TemporaryDirectory() as profile:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{page}/"
        said = subprocess.DEVNULL
        command = [browser, *OPTIONS, f"--user-data-dir={profile}/it", address]
        running = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            return answers.get(timeout=PATIENCE)
        finally:
            running.terminate()
            running.wait()
            server.shutdown()


class _Clicking(SimpleHTTPRequestHandler):
    """Serves a site, its pages with a script that clicks."""

    extensions_map = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}  # noqa: RUF012

    def __init__(self, answers: Queue[dict[str, Any]], *args: Any, **options: Any) -> None:
        self.answers = answers
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        if not self.path.endswith("/"):
            return super().do_GET()
        page = Path(self.translate_path(self.path), "index.html").read_text(encoding="utf-8")
        self._send(page.replace("</body>", f"<script>{CLICKS}</script></body>").encode())

    def do_POST(self) -> None:
        self.answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._send(b"")

    def _send(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Nothing on the terminal."""
