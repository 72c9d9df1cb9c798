"""What the database says of a statement before it is run: the names and types of its columns, and which can be NULL.

Types are told by PREPARE. Whether a column can be NULL follows from the analysed statement, which the database keeps of an SQL
function with that body: constraints of tables, outer joins, conditions, aggregates without rows. What is not known counts as present.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg

#: What psycopg makes of a value of a type.
PYTHON_TYPES = (
    {"bool": "bool", "int2": "int", "int4": "int", "int8": "int", "oid": "int", "float8": "float", "numeric": "Decimal"}
    | {"text": "str", "varchar": "str", "bpchar": "str", "name": "str", "char": "str", "unknown": "str", "void": "str", "pg_lsn": "str"}
    | {"date": "date", "timestamptz": "datetime", "timestamp": "datetime", "interval": "timedelta", "bytea": "bytes", "uuid": "UUID"}
    | {"json": "json", "jsonb": "json"}
)
#: Strict functions that can return NULL of values that are not.
_MAY_FIND_NOTHING = frozenset(
    "jsonb_object_field jsonb_object_field_text json_object_field json_object_field_text jsonb_array_element jsonb_array_element_text "
    "jsonb_extract_path jsonb_extract_path_text to_regclass substring regexp_match".split()
)
_ALWAYS_COUNT = frozenset({"count", "row_number", "rank", "dense_rank", "ntile"})
_TOKEN = re.compile(r"""[{}()]|"(?:[^"\\]|\\.)*"|(?:[^\s{}()\\]|\\.)+""")
NOTHING = "<>"


class ResultColumn(NamedTuple):
    """A column of what a statement returns."""

    name: str
    #: of ``PYTHON_TYPES``; ``list[…]`` of an array
    type: str
    may_be_null: bool


def describe(connection: psycopg.Connection[Any], sql: str) -> list[ResultColumn]:
    """Return the columns of a statement's result.

    :raises psycopg.Error: if the statement does not parse, or names what is not there
    """
    prepared = connection.pgconn.prepare(b"", sql.encode())
    if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.ProgrammingError(prepared.error_message.decode())
    told = connection.pgconn.describe_prepared(b"")
    if not told.nfields:
        return []
    types = _types(connection)
    nulls = _nulls(connection, sql, [told.param_type(place) for place in range(told.nparams)])
    found = [((told.fname(place) or b"").decode(), types[told.ftype(place)]) for place in range(told.nfields)]
    return [ResultColumn(name, type_, null) for (name, type_), null in zip(found, nulls, strict=True)]


_known_types: dict[int, str] = {}


def _types(connection: psycopg.Connection[Any]) -> dict[int, str]:
    if not _known_types:
        rows = connection.execute(
            "SELECT t.oid, coalesce(b.typname, t.typname), e.typname FROM pg_type t LEFT JOIN pg_type b ON b.oid = t.typbasetype "
            "LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'"
        )
        for oid, name, element in rows:
            _known_types[oid] = f"list[{PYTHON_TYPES.get(element, element)}]" if element else PYTHON_TYPES.get(name, name)
    return _known_types


def _nulls(connection: psycopg.Connection[Any], sql: str, parameters: list[int]) -> list[bool]:
    """Return for each column whether it can be NULL."""
    with connection.transaction(force_rollback=True):
        named = connection.execute("SELECT t::regtype::text FROM unnest(%s::oid[]) WITH ORDINALITY p (t, n) ORDER BY n", (parameters,))
        arguments = ", ".join(row[0] for row in named)
        body = f"CREATE FUNCTION pg_temp.stated({arguments}) RETURNS SETOF record LANGUAGE sql BEGIN ATOMIC {sql.strip()}; END"
        connection.execute(body.encode())
        kept = connection.execute("SELECT prosqlbody::text FROM pg_proc WHERE proname = 'stated' AND pronamespace = pg_my_temp_schema()")
        query = parse(kept.fetchone()[0])  # type: ignore[index]
        while isinstance(query, list):
            query = query[0]
        return Nulls(connection).of_query(query)


class Node(dict[str, Any]):
    """A node of an analysed statement, with its fields."""

    kind = ""


def parse(text: str) -> Any:
    """Return the tree of a ``pg_node_tree``."""
    return _value(iter([*_TOKEN.findall(text), ""]))[0]


def _value(tokens: Iterator[str]) -> list[Any]:
    """Return the values up to the end of what encloses them."""
    found: list[Any] = []
    for token in tokens:
        if token in {"}", ")", ""}:
            break
        found.append(_node(_value(tokens)) if token == "{" else _value(tokens) if token == "(" else token)
    return found


def _node(values: list[Any]) -> Node:
    made, field = Node(), ""
    made.kind = values[0]
    for each in values[1:]:
        if isinstance(each, str) and each.startswith(":") and len(each) > 1:
            field = each[1:]
            made[field] = NOTHING
        elif made[field] == NOTHING:
            made[field] = each
    return made


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value == NOTHING else [value]


class Scope:
    """The tables of a query: those an outer join may leave empty, and columns its conditions keep from being NULL."""

    def __init__(self, query: Node) -> None:
        self.query, self.tables = query, _list(query["rtable"])
        self.may_miss: set[int] = set()
        self.present: set[tuple[int, int]] = set()
        if isinstance(query["jointree"], Node):
            self._walk(query["jointree"], is_outer=False)
        self.may_miss -= {table for table, _ in self.present}

    def _walk(self, node: Node, *, is_outer: bool) -> set[int]:
        """Take in a part of FROM and return its tables."""
        if node.kind == "RANGETBLREF":
            return {int(node["rtindex"])}
        if node.kind == "FROMEXPR":
            parts = [self._walk(each, is_outer=is_outer) for each in _list(node["fromlist"])]
            if not is_outer:
                self._take(node["quals"])
            return set().union(*parts)
        inner, left_outer, full, right_outer = (node["jointype"] == str(each) for each in range(4))
        left = self._walk(node["larg"], is_outer=is_outer or full or right_outer)
        right = self._walk(node["rarg"], is_outer=is_outer or full or left_outer)
        self.may_miss |= (right if left_outer or full else set()) | (left if right_outer or full else set())
        if inner and not is_outer:
            self._take(node["quals"])
        return left | right

    def _take(self, condition: Any) -> None:
        for each in _conjuncts(condition):
            self.present |= {place(var) for var in _kept(each) if var["varlevelsup"] == "0"}


def place(var: Node) -> tuple[int, int]:
    """Return the table and the column of a reference."""
    return int(var["varno"]), int(var["varattno"])


def _conjuncts(node: Any) -> Iterator[Any]:
    if isinstance(node, Node) and node.kind == "BOOLEXPR" and node["boolop"] == "and":
        for each in _list(node["args"]):
            yield from _conjuncts(each)
    else:
        yield node


def _kept(node: Any) -> Iterator[Node]:
    """Yield the columns that are not NULL where a condition holds."""
    kind = node.kind if isinstance(node, Node) else ""
    if kind == "VAR":
        yield node
    elif kind in {"RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR"} or (kind == "NULLTEST" and node["nulltesttype"] == "1"):
        yield from _kept(node["arg"])
    elif kind in {"OPEXPR", "FUNCEXPR", "SCALARARRAYOPEXPR"}:
        for each in _list(node["args"])[: 1 if kind == "SCALARARRAYOPEXPR" else None]:
            yield from _kept(each)


class Nulls:
    """Tells which columns of a query can be NULL."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def of_query(self, query: Node, outer: tuple[Scope, ...] = ()) -> list[bool]:
        """Return for each column of a query whether it can be NULL.

        :param outer: the queries around it, the nearest first
        """
        scopes = (Scope(query), *outer)
        is_select = query["commandType"] == "1"
        if is_select and query["setOperations"] != NOTHING:
            return self._of_set(query["setOperations"], scopes)
        targets = query["targetList" if is_select else "returningList"]
        return [self.of(each["expr"], scopes) for each in _list(targets) if each["resjunk"] == "false"]

    def _of_set(self, node: Node, scopes: tuple[Scope, ...]) -> list[bool]:
        if node.kind == "RANGETBLREF":
            return self.of_query(scopes[0].tables[int(node["rtindex"]) - 1]["subquery"], scopes)
        sides = [self._of_set(node[each], scopes) for each in ("larg", "rarg")]
        return [any(each) for each in zip(*sides, strict=True)]

    def of(self, node: Any, scopes: tuple[Scope, ...]) -> bool:
        """Return whether an expression can be NULL."""
        told = getattr(self, f"_{node.kind.lower()}", None) if isinstance(node, Node) else None
        return bool(told and told(node, scopes))

    def _any(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        return any(self.of(each, scopes) for each in _list(node["args"]))

    def _all(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        return all(self.of(each, scopes) for each in _list(node["args"]))

    def _arg(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        return self.of(node["arg"], scopes)

    _coalesceexpr = _minmaxexpr = _all
    _scalararrayopexpr = _any
    _relabeltype = _coerceviaio = _arraycoerceexpr = _coercetodomain = _collateexpr = _arg

    @staticmethod
    def _const(node: Node, _scopes: tuple[Scope, ...]) -> bool:
        return bool(node["constisnull"] == "true")

    @staticmethod
    def _nullifexpr(_node: Node, _scopes: tuple[Scope, ...]) -> bool:
        return True

    def _caseexpr(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        results = [*(each["result"] for each in _list(node["args"])), node["defresult"]]
        return node["defresult"] == NOTHING or any(self.of(each, scopes) for each in results)

    def _boolexpr(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        parts = _list(node["args"])
        tested = [each["arg"] for each in parts if each.kind == "NULLTEST" and each["nulltesttype"] == "0"]
        known = {place(each) for each in tested if each.kind == "VAR" and each["varlevelsup"] == "0"} if node["boolop"] == "or" else set()
        # Where a column is NULL, ``column IS NULL OR …`` holds, whatever the rest is.
        before, scopes[0].present = scopes[0].present, scopes[0].present | known
        found = any(self.of(each, scopes) for each in parts)
        scopes[0].present = before
        return found

    def _var(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        scopes = scopes[int(node["varlevelsup"]) :]
        table, column = place(node)
        if (table, column) in scopes[0].present:
            return False
        return table in scopes[0].may_miss or (column > 0 and self._of_table(scopes[0].tables[table - 1], column, scopes))

    def _of_table(self, table: Node, column: int, scopes: tuple[Scope, ...]) -> bool:
        match int(table["rtekind"]):
            case 0:
                return self._of_relation(int(table["relid"]), column)
            case 1:
                return self.of_query(table["subquery"], scopes)[column - 1]
            case 2:
                return self.of(table["joinaliasvars"][column - 1], scopes)
            case 6 if table["self_reference"] == "false":
                scopes = scopes[int(table["ctelevelsup"]) :]
                named = {each["ctename"]: each["ctequery"] for each in _list(scopes[0].query["cteList"])}
                return self.of_query(named[table["ctename"]], scopes)[column - 1]
            case 9:
                return self.of(table["groupexprs"][column - 1], scopes)
        return False

    def _of_relation(self, relation: int, column: int) -> bool:
        """Return whether a table's column can be NULL; what a view or the catalog says is taken as it comes."""
        found = self._connection.execute(
            "SELECT NOT a.attnotnull FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') "
            "WHERE a.attrelid = %s AND a.attnum = %s AND c.relnamespace <> 'pg_catalog'::regnamespace",
            (relation, column),
        ).fetchone()
        return bool(found and found[0])

    def _funcexpr(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        name, is_strict = self._function("%s", node["funcid"])
        return name in _MAY_FIND_NOTHING or (is_strict and self._any(node, scopes))

    def _opexpr(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        name, is_strict = self._function("(SELECT oprcode FROM pg_operator WHERE oid = %s)", node["opno"])
        return name in _MAY_FIND_NOTHING or (is_strict and self._any(node, scopes))

    def _function(self, oid: str, given: str) -> tuple[str, bool]:
        """Return the name of a function, and whether it is NULL of NULL."""
        found = self._connection.execute(f"SELECT proname, proisstrict FROM pg_proc WHERE oid = {oid}", (int(given),))
        return found.fetchone() or ("", False)

    def _aggref(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        name, _ = self._function("%s", node["aggfnoid"])
        if name in _ALWAYS_COUNT:
            return False
        if scopes[0].query["groupClause"] == NOTHING or node["aggfilter"] != NOTHING:
            return True
        return not name.endswith("_agg") and any(self.of(each["expr"], scopes) for each in _list(node["args"]))

    def _windowfunc(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        name, _ = self._function("%s", node["winfnoid"])
        has_default = len(_list(node["args"])) > 2
        return name not in _ALWAYS_COUNT and ((name in {"lag", "lead"} and not has_default) or self._any(node, scopes))

    def _sublink(self, node: Node, scopes: tuple[Scope, ...]) -> bool:
        if node["subLinkType"] != "4":
            return False
        query = node["subselect"]
        is_one_row = query["groupClause"] == NOTHING and query["havingQual"] == NOTHING and query["hasAggs"] == "true"
        is_plain = not _list(query["jointree"]["fromlist"]) and query["jointree"]["quals"] == NOTHING
        return not (is_one_row or is_plain) or self.of_query(query, scopes)[0]
