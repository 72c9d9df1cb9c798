"""What a page of the office says about itself: its title, what each role may do there, and its place in the menu."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

#: What roles may do on a page: permissions, with a space between them → the roles that hold them.
Rights = Mapping[str, Sequence[str]]

LOOK = "can_list can_show"
EDIT = "can_add can_edit can_delete"


class MenuEntry(NamedTuple):
    """A place in the menu; roles hold it by its name."""

    category: "MenuCategory"
    order: int
    name: str


class MenuCategory(NamedTuple):
    """A part of the menu; the icon is one of the sprite's (``static/vendor/icons``)."""

    name: str
    label: object
    icon: str

    def at(self, order: int, name: str) -> MenuEntry:
        """Return a place in this part of the menu.

        :param order: entries stand in ascending order
        """
        return MenuEntry(self, order, name)


class Page(NamedTuple):
    """A page of the office.

    :param under: the view whose place in the menu the page shares, where it has none of its own
    :param title: None marks a page that no role is given, because everybody has it or it asks for no right
    :param company_wide: the page is about what holds in the whole company; permissions, with a space between them, that whoever does not
        work in all of it has all the same; None: the page is about what belongs to divisions
    """

    title: object
    rights: Rights = {}
    menu: MenuEntry | None = None
    company_wide: str | None = None
    under: str = ""


def permissions_of(page: Page) -> Iterator[tuple[str, str]]:
    """Return each permission that a page gives with the role that holds it.

    >>> list(permissions_of(Page("Bills", {"can_list can_show": ["Cashier"]})))
    [('can_list', 'Cashier'), ('can_show', 'Cashier')]
    """
    return ((permission, role) for names, roles in page.rights.items() for permission in names.split() for role in roles)
