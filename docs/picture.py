"""Make the README's picture: a statement's page, as `ascribe demo` shows it.

Run from the checkout, with the `browser` extra installed and Chromium on the
PATH; writes docs/images/statement.png.
"""

import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

TARGET = Path(__file__).parent / "images" / "statement.png"
STATEMENT = "statement/ffc646f2603c/2076-2306-8224e4fc"
WIDTH = 1200
MAX_BYTES = 200_000


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    demo = [sys.executable, "-c", "from graph.cli import run; run()", "demo", "--port", port]
    server = subprocess.Popen(demo, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout and port in server.stdout.readline(), "the demo did not start"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, color_scheme="light")
            page.goto(f"http://127.0.0.1:{port}/{STATEMENT}")
            take(page)
            browser.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


def take(page: Page) -> None:
    """The top of the page, down to the heading of what the picture leaves out."""
    below = page.get_by_role("heading", name="In the source").bounding_box()
    assert below, "the page has no heading to cut above"
    TARGET.parent.mkdir(exist_ok=True)
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": int(below["y"]) - 32}
    size = len(page.screenshot(path=TARGET, clip=clip, full_page=True))  # type: ignore[arg-type]
    assert size < MAX_BYTES, f"{size:,} bytes; expected fewer than {MAX_BYTES:,}"


if __name__ == "__main__":
    main()
