"""A town, and its money being taken and credited."""

import os
from collections.abc import Iterator

import pytest

from tests.databases import fresh_database
from tests.storm.database import DemoDatabase, Works, at_work, settle

#: Pairs of payments of one bill, and homes that are paid for at random.
PAIRS = int(os.environ.get("PAIRS", "25"))
OTHERS = 40


@pytest.fixture(scope="session")
def storm_town(servers: tuple[str, str]) -> DemoDatabase:
    """A town in a database of its own."""
    return settle(fresh_database(servers[0], "pc_billing_storm"), PAIRS + OTHERS)


@pytest.fixture(scope="session")
def works(storm_town: DemoDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    """The intake server and the crediting process."""
    with at_work(storm_town.url, tmp_path_factory.mktemp("storm") / "works.log") as made:
        yield made
