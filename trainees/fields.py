"""Columns whose values are sealed on their way into the database (`trainees.identity`)."""

import json
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import StartsWith

from trainees.identity import hash_cnic, seal, unseal
from trainees.rules.search import fold_number, search_key
from trainees.words import match_of

LAST = "\U0010ffff"  # sorts after every letter


class EncryptedField(models.TextField):
    """Text that the database holds sealed. It cannot be searched or compared there: a hash beside it can."""

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):  # a bulk update; it asks again for each value inside
            return value
        return seal(self._written(value)) if value else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return self._read(unseal(value)) if value else self._nothing()

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted and cannot be searched; look it up by its hash.")

    def _written(self, value: Any) -> str:
        return str(value)

    def _read(self, text: str) -> Any:
        return text

    def _nothing(self) -> Any:
        return ""


class EncryptedJSONField(EncryptedField):
    """A mapping, sealed as a whole."""

    _pyi_private_set_type: Any  # told to the type checker: not a text
    _pyi_private_get_type: Any

    def _written(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def _read(self, text: str) -> Any:
        return json.loads(text)

    def _nothing(self) -> Any:
        return {}


class CnicHashField(models.CharField):
    """The keyed hash of the sealed CNIC of the same row, written with it; null where there is none."""

    def __init__(self, *args: Any, of: str = "cnic", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **{"max_length": 64, "null": True, "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        cnic = getattr(model_instance, self.of)
        value = hash_cnic(cnic) if cnic else None
        setattr(model_instance, self.attname, value)
        return value


class SearchKeyField(models.CharField):
    """How the names of the row are searched (`trainees.rules.search`), written with them."""

    def __init__(self, *args: Any, of: tuple[str, ...] = ("full_name", "full_name_ur"), **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **{"max_length": 260, "blank": True, "default": "", "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.make_key(model_instance)
        setattr(model_instance, self.attname, value)
        return value

    def make_key(self, row: models.Model) -> str:
        return search_key(*(getattr(row, name) for name in self.of))[: self.max_length]


class NumberKeyField(models.CharField):
    """How the number of the row is searched (`trainees.rules.search`), from its start or its end; written with it."""

    def __init__(self, *args: Any, of: str = "number", from_end: bool = False, **kwargs: Any) -> None:
        self.of, self.from_end = of, from_end
        super().__init__(*args, **{"max_length": 30, "default": "", "editable": False, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of, "from_end": self.from_end}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = fold_number(getattr(model_instance, self.of))[:30]
        value = key[::-1] if self.from_end else key
        setattr(model_instance, self.attname, value)
        return value


@models.CharField.register_lookup
class Begins(StartsWith):
    """The field begins with the right side, letter by letter; by an index, which SQLite uses for a range alone."""

    lookup_name = "begins"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        operator: str = connection.operators["startswith"]
        return operator % rhs

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, f"{self.rhs}{LAST}"]


@SearchKeyField.register_lookup
class HasWords(models.Lookup):
    """Each word of the right side, as `search_words` gives them, begins a word of the key; by the index of words."""

    lookup_name = "words"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if connection.vendor == "sqlite":
            column: Any = self.lhs
            words = f"{column.target.model._meta.db_table}_words"
            own = compiler.quote_name_unless_alias(column.alias)
            sql = f"{own}.id IN (SELECT rowid FROM {words} WHERE {words} MATCH %s)"  # noqa: S608 - our own names
            return sql, [match_of(self.rhs)]
        lhs, params = self.process_lhs(compiler, connection)
        query = " & ".join(f"{word}:*" for word in self.rhs)
        return f"to_tsvector('simple', {lhs}) @@ to_tsquery('simple', %s)", [*params, query]
