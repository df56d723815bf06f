"""Pictures of pages for the instructor's guide: `make screenshots` writes them into the book, a test run elsewhere."""

import io
import os
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("SCREENSHOTS") or ROOT / "_build" / "screenshots")
COLOURS = 64  # enough for a page of text, at a third of the bytes


def shoot(tab, name: str, height: int | None = None) -> None:
    """Keep what the tab shows, or the top of it, as FOLDER/name.png, in few colours."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shown = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    shown = shown.crop((0, 0, shown.width, height or shown.height))
    shown.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
