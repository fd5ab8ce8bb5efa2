"""A browser in which the demo's user is logged in, for tests and pictures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import os
from pathlib import Path
import shutil

from playwright.async_api import ConsoleMessage, Error, Locator, Page, async_playwright

from .api import PASSWORD, USER

# Nothing of the browser's own on the network, and nothing of an earlier run in its profile.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BRAND_IMAGES = "/api/brands/"
"""Pictures of other integrations come from the Internet; offline there are none."""
DASHBOARD = "/evse-home"


@dataclass
class Window:
    """A browser window that is logged in, and what went wrong in it.

    Not slotted: Playwright writes on the owner of a listener.
    """

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep errors of the console."""
        if message.type == "error" and BRAND_IMAGES not in message.location["url"]:
            self.errors.append(f"{message.text} ({message.location['url']})")

    def catch(self, error: Error) -> None:
        """Keep exceptions that nobody caught."""
        self.errors.append(str(error))

    async def open(self, path: str) -> None:
        """Go to a page of Home Assistant."""
        await self.page.goto(self.url + path)

    async def log_in(self) -> None:
        """Fill in the login form, and make room for the dashboard."""
        await self.open("/")
        await self.page.get_by_label("Username").fill(USER)
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.locator("hui-tile-card").first.wait_for()
        # Without the sidebar's texts all of the dashboard fits in.
        await self.page.locator("ha-sidebar ha-icon-button").first.click()

    def tile(self, name: str) -> Locator:
        """Return a tile of the dashboard by its name."""
        return self.page.locator("hui-tile-card").filter(
            has=self.page.get_by_text(name, exact=True)
        )

    async def choose_mode(self, name: str) -> None:
        """Choose the site's mode on the dashboard."""
        await self.page.locator("hui-select-options-card-feature").get_by_role("button").click()
        await self.page.get_by_role("menuitem", name=name).click()

    async def shoot(self, path: Path) -> None:
        """Keep a picture of the window, not of Home Assistant still loading."""
        await self.page.locator("#ha-launch-screen").wait_for(state="detached")
        await self.page.screenshot(path=path)


@asynccontextmanager
async def open_window(url: str) -> AsyncIterator[Window]:
    """Run Chromium with a new profile inside the block, logged in at a Home Assistant."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        window = Window(page=page, url=url)
        page.on("console", window.hear)
        page.on("pageerror", window.catch)
        await window.log_in()
        yield window
        await browser.close()
