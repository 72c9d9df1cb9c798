"""One vocabulary: plain engineering English and the glossary's terms, in names, docstrings, texts of screens and the glossary."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests import glossary
from tests.databases import ROOT

#: Place → public names that stood there once and that nobody would look for.
BANNED_NAMES = {
    "app": """apart show_rows HERE stays_here bell ENDINGS look_around look_after Asked Taken Undoing Wish Wanted Told ToldPiece Pieces
        Theirs Ours Books Billed lumped sheaf parcels joining settle_in turned_away unlike_others lent ALMIGHTY NOBODY Words is_word
        is_whole so_far faults_told kept_call chore Standing slips drawer give_account leave_suspense  giving letters janitor""",
    "app/extensions.py": "show explain enter",
    "app/jobs": "ring sweep papers",
    "app/views": "papers boundary",
    "app/api": "Take Do DayControl turn Tries are_over Found",
    "app/domain": "Given Found stretches taken_back",
    "app/services": "take Made take_again hear",
    "app/gateways": "written read",
    "tests": "town World Shares",
}
#: Metaphors and persons in machinery; a docstring or a text of a screen says what happens.
BANNED_WORDS = frozenset(
    """bell bells chore chores doorkeeper drawer fairy giving guardian hear hears heard janitor lent parcel parcels ring rings riddle
    shelf sheaf sheaves slips stretch stretches town undo undoes watchman wish wishes""".split()
)
#: What payment files are called in the trade's Russian; entries of the trail hold it, and libraries call something else so.
OTHER_NAMES = re.compile(r"regist(ry|ries)", re.IGNORECASE)
FORMER_OR_FOREIGN = re.compile(
    r"""["'](registry_\w+|RegistryProfileView)["']|dialects import registry|_DIALECT|Model\.registry""",
    re.IGNORECASE,
)
TELL_OF_FORMER_NAMES = frozenset({"test_baseline.py", "test_former_names.py", "test_vocabulary.py"})
#: Classes that a protocol names alike in its own module.
SAME_IN_EACH = frozenset({"Row"})


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Yield each module of folders but the revisions of the schema."""
    for folder in folders:
        place = ROOT / folder
        for path in [place] if place.is_file() else sorted(place.glob("**/*.py")):
            if "versions" not in path.parts:
                yield path.relative_to(ROOT), _parsed(path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names a module and its classes define."""
    for node in [*tree.body, *(each for one in tree.body if isinstance(one, ast.ClassDef) for each in one.body)]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


@pytest.mark.parametrize("place", BANNED_NAMES)
def test_no_private_word_is_a_name(place: str) -> None:
    banned = set(BANNED_NAMES[place].split())

    found = {f"{path}: {name}" for path, tree in modules(place) for name in (*public_names(tree), path.stem) if name in banned}

    assert found == set()


def test_public_class_has_one_meaning() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in modules("app"):
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path))

    assert {name: found for name, found in places.items() if len(found) > 1 and name not in SAME_IN_EACH} == {}


def test_docstrings_say_what_happens() -> None:
    found = [
        f"{path}:{node.lineno}: {word}"
        for path, tree in modules("app")
        for node in [tree, *ast.walk(tree)]
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (text := ast.get_docstring(node))
        for word in sorted(BANNED_WORDS & set(re.findall(r"[a-z]+", text.lower())))
    ]

    assert len(BANNED_WORDS) <= 40
    assert found == []


def test_texts_of_screens_say_what_happens() -> None:
    with (ROOT / "translations/ru/LC_MESSAGES/messages.po").open("rb") as file:
        texts = [str(message.id if isinstance(message.id, str) else message.id[0]) for message in read_po(file) if message.id]

    found = {text for text in texts if BANNED_WORDS & set(re.findall(r"[a-z]+", text.lower()))}

    assert found == set()


def test_payment_files_have_one_name() -> None:
    files = [
        path
        for folder, kind in product(("app", "bench", "tests"), ("py", "html"))
        for path in (ROOT / folder).glob(f"**/*.{kind}")
        if "versions" not in path.parts and path.name not in TELL_OF_FORMER_NAMES
    ]
    lines = [(path.relative_to(ROOT), line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]

    found = [f"{path}: {line.strip()}" for path, line in lines if OTHER_NAMES.search(line) and not FORMER_OR_FOREIGN.search(line)]

    assert found == []


def test_glossary_is_written_from_its_data() -> None:
    assert glossary.DOCUMENT.read_text(encoding="utf-8") == glossary.document()


def test_terms_that_are_built_stand_in_the_code() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "app").glob("**/*.py"))).lower()
    there = set(re.findall(r"[a-z][a-z0-9_]*", code))
    parts = there | {part for word in there for part in word.split("_")}

    missing = {
        term["name"]: code
        for term in glossary.terms()
        if not term.get("coming")
        for code in term["code"]
        if not _occurs(code, there, parts)
    }

    assert missing == {}


def _occurs(code: str, words: set[str], parts: set[str]) -> bool:
    name = code.lower()
    return (
        bool({name, name + "s", name + "_id", name.replace("_", "")} & words)
        or name in parts
        or any(f"{name}_" in word or f"_{name}" in word for word in words)
    )


@pytest.mark.parametrize("language", ["name", "ru", "uz"])
def test_a_word_of_a_language_is_one_term(language: str) -> None:
    words = Counter(word.strip() for term in glossary.terms() for word in term[language].split(",") if word.strip())

    assert {word for word, times in words.items() if times > 1} == set()


def test_banned_synonyms_are_on_no_screen() -> None:
    with (ROOT / "translations/ru/LC_MESSAGES/messages.po").open("rb") as file:
        texts = [str(message.id) for message in read_po(file) if message.id]
    banned = {word for term in glossary.terms() for word in term.get("banned", ())}

    plain = {text: re.sub(r"%\(\w+\)s|(tax|electronic) invoices?", "", text, flags=re.IGNORECASE) for text in texts}
    found = {text for text in texts for word in banned if re.search(rf"\b{word}s?\b", plain[text], re.IGNORECASE)}

    assert found == set()
