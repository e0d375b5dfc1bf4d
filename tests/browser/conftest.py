"""A real browser on a running Desk; every page is watched for errors and for breaks of the CSP."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from desk.people.models import User
from tests.plugins.cast import PASSWORD
from tests.plugins.required import require

__all__ = ["Visit"]

# The browser driver runs an event loop in this thread, which Django's guard takes for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SERIOUS = {"serious", "critical"}
PATIENCE = 30_000  # milliseconds: far more than any page needs, on any machine
expect.set_options(timeout=PATIENCE)
EXPECTED = ("the server responded with a status of 4",)


class Visit:
    """One person's browser on one running Desk."""

    def __init__(self, page: Page, server: LiveServer) -> None:
        """Listen to the page's console from the start."""
        self.page = page
        self.server = server
        self.problems: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def open(self, name: str, *args: object) -> Page:
        """Go to a page by its name in the URL configuration, or by its path."""
        path = name if name.startswith("/") else reverse(name, args=args)
        self.page.goto(f"{self.server.url}{path}")
        return self.page

    def log_in(self, person: User) -> Page:
        """Have somebody logged in, and open the first page."""
        client = Client()
        client.force_login(person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.server.url}]
        )
        return self.open("/staff/")

    def log_in_by_the_form(self, person: User, password: str = PASSWORD) -> Page:
        """Log in as people do."""
        page = self.open("people:login")
        page.get_by_label("User name").fill(person.username)
        page.get_by_label("Password").fill(password)
        with page.expect_navigation():
            page.get_by_role("button", name="Log in").click()
        return page

    def audit_light_and_dark(self) -> list[str]:
        """Name what axe-core finds serious, in the dark of what only the colours decide."""
        self.page.emulate_media(color_scheme="light")
        found = self.audit()
        self.page.emulate_media(color_scheme="dark")
        return [*found, *(f"dark {one}" for one in self.audit("color-contrast"))]

    def audit(self, *rules: str) -> list[str]:
        """Name what axe-core finds serious on the page as it stands, nothing half faded in."""
        self.page.emulate_media(reduced_motion="reduce")
        options: dict[str, object] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = [*rules]
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}"
            for one in found
            if one["impact"] in SERIOUS
        ]

    def _heard(self, message: object) -> None:
        text, kind = message.text, message.type  # type: ignore[attr-defined]
        if kind in {"error", "warning"} and not any(one in text for one in EXPECTED):
            self.problems.append(text)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Start the system's Chromium, which also runs as root.

    Its headless shell where there is one: the browser itself opens a window of its own, with bars,
    for every test, which takes four times as long.
    """
    shell = shutil.which("chromium-headless-shell")
    return {"executable_path": shell or require(program="chromium"), "args": [*CHROMIUM]}


@pytest.fixture
def visit(context: BrowserContext, live_server: LiveServer) -> Iterator[Visit]:
    """A fresh browser; the test fails if its pages logged an error or broke the policy."""
    context.set_default_timeout(PATIENCE)
    visit = Visit(context.new_page(), live_server)
    yield visit
    assert visit.problems == []


@pytest.fixture
def visit_with(
    new_context: Callable[..., BrowserContext], live_server: LiveServer
) -> Iterator[Callable[..., Visit]]:
    """A fresh browser made with other options, such as no JavaScript or a small screen."""
    made: list[Visit] = []

    def make(**options: object) -> Visit:
        context = new_context(**options)
        context.set_default_timeout(PATIENCE)
        made.append(Visit(context.new_page(), live_server))
        return made[-1]

    yield make
    assert [visit.problems for visit in made if visit.problems] == []
