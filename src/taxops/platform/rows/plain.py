"""Rows in and out by plain SQL, the same on SQLite and PostgreSQL; inside the caller's transaction.

Django's objects cost some 40 µs each and a statement of its query sets half a millisecond, both several times what the
database takes. Values are given as Django's fields take them: instants with a time zone, JSON as Python has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.dateparse import parse_datetime

_MOST_VALUES = 20_000
"""Values in one statement; SQLite takes 32,766 and PostgreSQL 65,535."""

Row = Sequence[Any]
_Prep = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a table is written to in one of the databases (写法)."""

    head: str
    place: str
    width: int
    rest: tuple[Any, ...]
    names: tuple[str, ...]
    steps: tuple[tuple[int, _Prep], ...]


class Bundle:
    """Statements without answers that are carried out together (成批执行), at the end of a `with`.

    PostgreSQL gets them in one message: a trip there and back costs as much as a small statement. SQLite has no
    trips, so that each is carried out when it is given.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._params: list[Any] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, fault: type[BaseException] | None, *_rest: object) -> None:
        """Send what was given, unless something went wrong."""
        if fault is None and self._texts:
            with _database().cursor() as cursor:
                cursor.execute("; ".join(self._texts), self._params)

    def takes(self, sql: str, params: Sequence[Any]) -> bool:
        """Take a statement; False when the database is one on which it is carried out at once."""
        if _database().vendor != "postgresql":
            return False
        self._texts.append(sql)
        self._params += params
        return True


class Table:
    """The table of a model, for rows in the order of some of its columns (整批写入).

    Columns that are not named get what the model says they have by default, as long as that is a plain value.

    Args:
        model: whose table.
        names: the columns' attribute names (`person_id`, not `person`); none: all but the automatic key.
    """

    def __init__(self, model: type[models.Model], *names: str) -> None:
        self._model = model
        self._given = names
        self._forms: dict[str, _Form] = {}

    def _form(self, database: BaseDatabaseWrapper) -> _Form:
        """Return how it is written; found at first use, since models are not there when modules load."""
        if database.vendor not in self._forms:
            meta, quote = self._model._meta, database.ops.quote_name
            every = {f.attname: f for f in meta.concrete_fields if f is not meta.auto_field}
            named = self._given or tuple(every)
            others = [f for name, f in every.items() if name not in named]
            fields = [*(every[name] for name in named), *others]
            steps = ((place, _prep(field, database.vendor)) for place, field in enumerate(fields))
            columns = ", ".join(quote(str(f.column)) for f in fields)
            self._forms[database.vendor] = _Form(
                f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ",  # noqa: S608 -- our own names
                f"({', '.join(['%s'] * len(fields))})",
                len(fields),
                tuple(f.get_default() for f in others),
                tuple(f.attname for f in fields),
                tuple((place, step) for place, step in steps if step is not None),
            )
        return self._forms[database.vendor]

    def _write(
        self, rows: Iterable[Row], tail: str, *, has_answer: bool, into: Bundle | None = None
    ) -> list[tuple[Any, ...]]:
        """Insert; SQLite runs one prepared statement over the rows unless an answer is wanted."""
        database = _database()
        form, values = self._form(database), []
        for row in rows:
            one = [*row, *form.rest]
            for place, step in form.steps:
                if one[place] is not None:
                    one[place] = step(one[place])
            values.append(one)
        if not values:
            return []
        if database.vendor == "sqlite" and not has_answer:
            with database.cursor() as cursor:
                cursor.executemany(f"{form.head}{form.place}{tail}", values)
            return []
        with database.cursor() as cursor:
            found: list[tuple[Any, ...]] = []
            size = max(1, _MOST_VALUES // form.width)
            for first in range(0, len(values), size):
                part = values[first : first + size]
                flat = [value for one in part for value in one]
                sql = f"{form.head}{', '.join([form.place] * len(part))}{tail}"
                if into is not None and into.takes(sql, flat):
                    continue
                cursor.execute(sql, flat)
                if has_answer:
                    found += cursor.fetchall()
            return found

    def insert(
        self,
        rows: Iterable[Row],
        *,
        back: Sequence[str] = (),
        once: bool = False,
        into: Bundle | None = None,
    ) -> list[tuple[Any, ...]]:
        """Insert rows (写入).

        Args:
            rows: each in the order of the columns that the table was made with.
            back: columns to return of each row that was inserted, in the order of the rows.
            once: leave out rows that are there already, instead of failing.
            into: carried out with others; not when something is to come back.

        Raises:
            IntegrityError: one of them cannot be; in PostgreSQL the transaction is lost then.
        """
        tail = " ON CONFLICT DO NOTHING" if once else ""
        if back:
            tail += f" RETURNING {self._quoted(back)}"
        return self._write(rows, tail, has_answer=bool(back), into=None if back else into)

    def upsert(self, rows: Iterable[Row], *, key: Sequence[str], into: Bundle | None = None) -> None:
        """Insert rows, or write them over those that have the same key (写入或更新).

        Args:
            key: columns of a unique constraint. No two rows may have the same.
            into: carried out with others.
        """
        names = self._form(_database()).names
        others = [name for name in map(self._quoted_one, names) if name not in map(self._quoted_one, key)]
        sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in others)
        self._write(
            rows, f" ON CONFLICT ({self._quoted(key)}) DO UPDATE SET {sets}", has_answer=False, into=into
        )

    def put(self, made: Sequence[models.Model]) -> None:
        """Insert objects that were made and not saved, and give them their keys; no signals are sent."""
        form = self._form(_database())
        names = form.names[: form.width - len(form.rest)]
        keys = self.insert(([getattr(one, name) for name in names] for one in made), back=["id"])
        for one, (pk,) in zip(made, keys, strict=True):
            one.pk, one._state.adding, one._state.db = pk, False, DEFAULT_DB_ALIAS

    def _quoted(self, names: Iterable[str]) -> str:
        return ", ".join(map(self._quoted_one, names))

    def _quoted_one(self, name: str) -> str:
        """Return a column by its attribute name; quoted as both databases do."""
        fields = self._model._meta.concrete_fields
        return next(f'"{field.column}"' for field in fields if field.attname == name)


def _database() -> BaseDatabaseWrapper:
    """Return this thread's connection itself: what stands for it looks it up again at every touch."""
    return connections[DEFAULT_DB_ALIAS]


def _prep(field: models.Field[Any, Any], vendor: str) -> _Prep | None:
    """Return what makes a value of this field one for the database; None when it is one already."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        raise TypeError(f"{field} fills itself in; plain rows do not")
    if isinstance(field, models.JSONField):
        encoder = field.encoder
        return lambda value: json.dumps(value, cls=encoder)
    if isinstance(field, models.DateTimeField) and vendor != "postgresql":
        return _naive
    if isinstance(field, models.UUIDField | models.DecimalField | models.BinaryField | models.DurationField):
        raise TypeError(f"{field} is of a kind that plain rows do not know")
    return None


def ask(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a question (查询), as tuples."""
    with _database().cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def do(sql: str, params: Sequence[Any] = (), *, into: Bundle | None = None) -> int:
    """Carry out a statement (执行) and return how many rows it touched; 0 when it waits for others."""
    if into is not None and into.takes(sql, params):
        return 0
    with _database().cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def among(column: str, values: Collection[Any]) -> tuple[str, Any]:
    """Return the condition that a column has one of these values (取值之一), and its one parameter.

    The text is the same for however many, so that the database need not read it anew.
    """
    if _database().vendor == "postgresql":
        return f"{column} = ANY(%s)", list(values)
    return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(list(values))  # noqa: S608 -- our own


def moment(instant: datetime) -> Any:
    """Return an instant as the database compares it (时刻参数)."""
    if _database().vendor == "postgresql":
        return instant
    return _naive(instant)


def _naive(instant: datetime) -> str:
    """Return an instant as SQLite keeps it."""
    return str(instant.astimezone(UTC).replace(tzinfo=None))


def instant_of(raw: Any) -> datetime | None:
    """Return the instant that a column held (时刻); SQLite keeps it without its time zone, which is UTC."""
    if raw is None:
        return None
    found = parse_datetime(raw) if isinstance(raw, str) else raw
    if not isinstance(found, datetime):
        raise ValueError(f"{raw!r} is no instant")
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def json_of(raw: Any) -> Any:
    """Return what a JSON column held (JSON 值)."""
    return json.loads(raw) if isinstance(raw, str | bytes) else raw
