"""The glossary as data: ``make glossary`` writes docs/GLOSSARY.md from docs/glossary.toml."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "docs"
SOURCE, DOCUMENT = FOLDER / "glossary.toml", FOLDER / "GLOSSARY.md"


def terms() -> list[dict[str, Any]]:
    """Return the terms: name, definition, ru, uz, whether both are sure, names in code, banned synonyms, whether it is still to come."""
    return list(tomllib.loads(SOURCE.read_text(encoding="utf-8"))["term"])


def document() -> str:
    """Return the glossary as a document."""
    given = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    rows = [
        f"| {term['name']}{' (to come)' if term.get('coming') else ''} | {term['definition']} | {term['ru'] or '—'} | {term['uz'] or '—'} "
        f"| {'✓' if term.get('sure') else '~' if term['uz'] else ''} |"
        for term in given["term"]
    ]
    banned = [f"*{', '.join(term['banned'])}* (say {term['name']})" for term in given["term"] if term.get("banned")]
    head = ["| Term | Definition | Russian | Oʻzbekcha | |", "|---|---|---|---|---|"]
    return "\n".join(["# Glossary", "", given["introduction"], "", *head, *rows, "", f"Banned synonyms: {'; '.join(banned)}.", ""])


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
