"""Files and request bodies to bundles."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pyoxigraph import Quad

from graph.bundle import Bundle, Origin, make_bundle
from graph.errors import BadInput, SyntaxFault
from graph.formats import Format, from_path
from graph.parsing import Parser, check_size
from graph.settings import Settings
from graph.splitting import make_bundles

T = TypeVar("T")


class Reader:
    """Reads bundles under one dataset's base and limits."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._parser = Parser(settings)

    @property
    def busy(self) -> int:
        """How many inputs are being parsed right now."""
        return self._parser.busy

    def read_file(self, path: Path | str, form: Format | None = None) -> Bundle:
        """The one bundle in a file; `-` reads standard input.

        Raises: BadInput and its kinds, each naming the file, and the line and
            column where the parser knows them.
        """
        return self.read(*self._content(path, form))

    def read_all_file(self, path: Path | str, form: Format | None = None) -> list[Bundle]:
        """The bundles in a file, as `read_file`."""
        return self.read_all(*self._content(path, form))

    def _content(self, path: Path | str, form: Format | None) -> tuple[bytes, Format, str]:
        if str(path) == "-":
            if form is None:
                raise BadInput(
                    "Standard input has no extension: name its format with --input-format."
                )
            return sys.stdin.buffer.read(self.settings.max_bytes + 1), form, "-"
        path = Path(path)
        form = form or from_path(path)
        return read_limited(path, self.settings), form, str(path)

    def read(self, data: bytes, form: Format, name: str = "", *, first_line: int = 1) -> Bundle:
        """The one bundle in some bytes; `name` stands for them in messages.

        Units: of a part of a file, `first_line` is where it begins.
        Raises: BadInput and its kinds, one of them if the bytes hold several.
        """
        return self._read(data, form, name, make_bundle, first_line)

    def read_all(self, data: bytes, form: Format, name: str = "") -> list[Bundle]:
        """The bundles in some bytes, which may be an export of many.

        Raises: BadInput and its kinds.
        """
        return self._read(data, form, name, make_bundles)

    def read_quads(self, data: bytes, form: Format, name: str = "") -> list[Quad]:
        """All quads in some bytes, whatever bundles they belong to.

        Raises: BadInput and its kinds.
        """
        return self._read(data, form, name, lambda quads, _base, _origin: quads)

    def _read(
        self,
        data: bytes,
        form: Format,
        name: str,
        make: Callable[[list[Quad], str, Origin], T],
        first_line: int = 1,
    ) -> T:
        base = self.settings.base
        try:
            quads = self._parser.parse(data, form, base)
            return make(quads, base, Origin(name, data, form, base))
        except SyntaxFault as fault:
            line = fault.line and fault.line + first_line - 1
            raise SyntaxFault(
                f"{_place(name, line, fault.column)}not readable as {form.name}: {fault}. "
                "Correct it there, or send it as the format that it is.",
                line=line,
                column=fault.column,
            ) from None
        except BadInput as fault:
            raise type(fault)(f"{f'{name}: ' if name else ''}not read: {fault}.") from None

    def close(self) -> None:
        """End the process that parses."""
        self._parser.close()


def read_limited(path: Path, settings: Settings) -> bytes:
    """A file's bytes, if it is a file and not over the limit.

    Raises: BadInput if it is missing, a folder or unreadable; TooLarge.
    """
    try:
        check_size(path.stat().st_size, settings)
        return path.read_bytes()
    except BadInput as fault:
        raise type(fault)(f"{path}: not read: {fault}.") from None
    except OSError as error:
        raise BadInput.unread(path, error) from None


def _place(name: str, line: int | None, column: int | None) -> str:
    parts = [name, str(line or ""), str(column or "")]
    place = ":".join(part for part in parts if part)
    return f"{place}: " if place else ""
