"""What a browser sees of a page: what it asks for, how heavy that is, and what axe finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SIZES = {390: {"width": 390, "height": 844}, 1280: {"width": 1280, "height": 900}}
SCHEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIGURES = (".svg", ".png")

AXE = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => {
    const why = [...node.any, ...node.all, ...node.none][0];
    return `${id}: ${node.target.join(" ")} (${why ? why.message : node.html})`;
  }));
}"""


@cache
def axe_script() -> str:
    """axe-core, as the book's own packages bring it."""
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "book"))
    from _make import node

    return (node.packages() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(tab) -> list[str]:
    """What axe finds on the page as it stands, an element a line."""
    if not tab.evaluate("() => 'axe' in window"):
        tab.evaluate(axe_script())
    return tab.evaluate(AXE, RULES)


@dataclass
class Traffic:
    """What a page asked for, from the moment of `watch` on."""

    address: str
    sizes: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    unfound: list[str] = field(default_factory=list)

    @property
    def text(self) -> int:
        """Bytes that came over the wire, figures apart."""
        return sum(size for url, size in self.sizes.items() if not url.partition("?")[0].endswith(FIGURES))

    @property
    def requests(self) -> int:
        return sum(not url.partition("?")[0].endswith(FIGURES) for url in self.sizes)


def watch(tab, address: str) -> Traffic:
    """Watch a tab: every other host is blocked, and noted."""
    traffic = Traffic(address)

    def guard(route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            traffic.elsewhere.append(route.request.url)
            route.abort()

    tab.route("**/*", guard)
    tab.on("console", lambda message: message.type == "error" and traffic.errors.append(message.text))
    tab.on("pageerror", lambda error: traffic.errors.append(str(error)))
    tab.on("response", lambda reply: reply.status >= 400 and traffic.unfound.append(reply.url))
    wire = tab.context.new_cdp_session(tab)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    urls: dict[str, str] = {}
    wire.on("Network.requestWillBeSent", lambda event: urls.setdefault(event["requestId"], event["request"]["url"]))

    def finished(event: dict) -> None:
        url = urls.get(event["requestId"], "data:")
        if not url.startswith(("data:", "blob:")):
            traffic.sizes[url] = traffic.sizes.get(url, 0) + int(event["encodedDataLength"])

    wire.on("Network.loadingFinished", finished)
    return traffic
