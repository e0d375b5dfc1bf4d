"""Make the pictures in docs/screenshots, and the film of an export: `make screenshots`.

Starts Desk with its demo on a folder and a port of its own, walks the pages in the system's
Chromium, in light and dark, and ends it.
"""

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from film import film  # beside this file
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

__all__ = ["main"]

OUT = Path(__file__).parents[1] / "docs" / "screenshots"
PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
SIZE: ViewportSize = {"width": 1280, "height": 820}
SCREEN: ViewportSize = {"width": 1100, "height": 700}
MOST_FRAMES = 14  # of the film: each is some 40 KB
TICKETS = "800000"  # enough for an export to be seen running
STARTS_WINDOW = 60  # seconds in which Desk lets a person start five exports; here are six
FAIL = """
from desk.people.models import User
from waybill import errors, exports
from waybill.jobs import database, settle
from waybill.shortid import to_short
with database.atomic():
    job = exports.start("tickets", by=User.objects.get(username="ada"), format="excel")
    settle.fail(job.pk, errors.StorageFull())
print(to_short(job.pk))
"""
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main() -> None:
    """Take every picture twice."""
    OUT.mkdir(parents=True, exist_ok=True)
    with desk() as password, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        for scheme, seconds in (("light", STARTS_WINDOW), ("dark", 0)):
            walk(browser, scheme, password)
            (OUT / f"export-{scheme}.webp").write_bytes(filmed(browser, scheme, password))
            time.sleep(seconds)
        browser.close()


def chromium() -> str:
    """Find the system's Chromium, its headless shell first."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None:
        sys.exit("The pictures need Chromium: apt-get install chromium")
    return found


@contextmanager
def desk() -> Iterator[str]:
    """Run Desk with its demo; gives Ada's password."""
    with tempfile.TemporaryDirectory(prefix="desk-screenshots-") as folder:
        command = [sys.executable, "-m", "desk", "up", "--demo", "--port", str(PORT)]
        os.environ["DESK_DATA_DIR"] = folder
        running = subprocess.Popen(command, env=variables(), stdout=subprocess.PIPE, text=True)
        try:
            password = ready(running)
            more = [
                sys.executable,
                "-m",
                "desk",
                "make_demo",
                "--tickets",
                TICKETS,
                "--assets",
                "2000",
            ]
            subprocess.run(more, env=variables(), check=True)
            yield password
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


def variables() -> dict[str, str]:
    """Give the environment of Desk's commands: its own database, on the folder of this run."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def ready(running: "subprocess.Popen[str]") -> str:
    """Wait until Desk says that it is ready; gives the password that it printed for Ada."""
    password = ""
    for line in running.stdout or ():
        if found := re.match(r"\s*ada\W+(\S+)", line):
            password = found[1].rstrip(",")
        if "Desk is ready" in line:
            return password
    raise SystemExit("Desk did not start.")


def walk(browser: Browser, scheme: str, password: str) -> None:
    """Take the pictures of one colour scheme."""
    context = dressed(browser, scheme, SIZE)
    page = context.new_page()
    page.goto(f"{BASE}/staff/login/")
    shoot(page, "log-in", scheme)
    log_in(page, password)
    shoot(page, "tickets", scheme)
    page.locator("td.main a").nth(2).click()
    shoot(page, "ticket", scheme)
    page.goto(f"{BASE}/staff/assets/")
    shoot(page, "assets", scheme)
    export(page, scheme)
    context.set_default_timeout(5000)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{BASE}/staff/tickets/")
    shoot(page, "tickets-phone", scheme)
    context.close()


def dressed(browser: Browser, scheme: str, size: ViewportSize) -> BrowserContext:
    """Open a browser in one colour scheme and size."""
    dark_or_light = "dark" if scheme == "dark" else "light"
    return browser.new_context(color_scheme=dark_or_light, viewport=size, locale="en-GB")


def log_in(page: Page, password: str) -> None:
    """Log in as Ada, from the page that asks for it."""
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()
    # Dismiss what tells of the exports of earlier pictures.
    page.wait_for_timeout(1200)
    for toast in reversed(page.locator(".toast [data-dismiss]").all()):
        toast.click()


def filmed(browser: Browser, scheme: str, password: str) -> bytes:
    """Take an export from the list to the file, picture by picture."""
    context = dressed(browser, scheme, SCREEN)
    page = context.new_page()
    driver = context.new_cdp_session(page)
    frames: list[tuple[bytes, int]] = []

    def take(shown: int) -> None:
        how = {"format": "webp", "quality": 70}
        frames.append((base64.b64decode(driver.send("Page.captureScreenshot", how)["data"]), shown))

    page.goto(f"{BASE}/staff/login/")
    log_in(page, password)
    take(1800)
    page.goto(f"{BASE}/staff/exports/new/tickets/?own=1")
    page.get_by_label("Excel").first.check()
    page.wait_for_timeout(1500)
    take(1600)
    page.get_by_label("Everything I may see").check()
    page.wait_for_timeout(1500)
    take(1400)
    page.locator("form.export button.primary").click()
    # Where the machine is quick the end may come before anything was seen to run.
    page.wait_for_selector("#panel progress[value], #panel .pill.green", timeout=60_000)
    while not page.locator("#panel .pill.green").count() and len(frames) < MOST_FRAMES:
        take(500)
        page.wait_for_timeout(1000)
    page.wait_for_selector("#panel .pill.green", timeout=60_000)
    page.wait_for_timeout(800)
    take(4000)
    context.close()
    return film(frames, width=SCREEN["width"], height=SCREEN["height"])


def export(page: Page, scheme: str) -> None:
    """Take the pictures of an export from the dialog to the history."""
    page.goto(f"{BASE}/staff/exports/new/tickets/?own=1")
    page.get_by_label("Excel").first.check()
    page.wait_for_timeout(1500)
    shoot(page, "export-dialog", scheme)
    page.get_by_label("Everything I may see").check()
    page.locator("form.export button.primary").click()
    page.wait_for_selector("#panel progress[value]", timeout=20_000)
    shoot(page, "export-running", scheme)
    page.wait_for_selector("#panel .pill.green", timeout=60_000)
    shoot(page, "export-done", scheme)
    failed(page, scheme)
    page.goto(f"{BASE}/staff/exports/")
    shoot(page, "export-history", scheme)


def failed(page: Page, scheme: str) -> None:
    """Take the picture of an export that failed; it ends before any worker hears of it."""
    made = subprocess.run(
        [sys.executable, "-m", "desk", "shell", "--no-imports", "-c", FAIL],
        env=variables(),
        check=True,
        capture_output=True,
        text=True,
    )
    page.goto(f"{BASE}/staff/exports/{made.stdout.split()[-1]}/")
    page.wait_for_selector("#panel .pill.red")
    shoot(page, "export-failed", scheme)


def shoot(page: Page, name: str, scheme: str) -> None:
    """Take one picture."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=OUT / f"{name}-{scheme}.png")


if __name__ == "__main__":
    main()
