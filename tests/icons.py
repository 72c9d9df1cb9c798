"""Makes the sprite of the icons that pages use from the folder of an icon package: ``python -m tests.icons FOLDER``."""

import re
import sys
from pathlib import Path

PLACE = Path(__file__).resolve().parent.parent / "app" / "static" / "vendor" / "icons"


def sprite(folder: Path) -> str:
    """Return the icons named in ``names.txt`` as symbols of one picture; stroke and size come from the style sheet."""
    symbols = []
    for name in (PLACE / "names.txt").read_text(encoding="utf-8").split():
        drawing = (folder / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.sub(r"\s*\n\s*|<path stroke=\"none\"[^>]*>", "", drawing.partition(">\n")[2].partition("</svg>")[0])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    (PLACE / "icons.svg").write_text(sprite(Path(sys.argv[1])), encoding="utf-8")
