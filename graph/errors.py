"""Everything that can go wrong, as one tree.

    GraphError
    ├── BadInput                 exit 2, 400: the input cannot be read
    │   ├── SyntaxFault          a place in the file is not RDF or SPARQL
    │   ├── TooLarge             413: over a limit
    │   ├── UnknownFormat        415: no parser for that media type or extension
    │   ├── Unacceptable         406: no serialisation the client takes
    │   ├── SelectorMismatch     the quoted words are not where they are said to be
    │   └── AnnotationFault      an annotation file does not say what it must
    ├── Refused                  exit 1, 422: read, checked and not kept; has `.report`
    ├── NotFound                 exit 2, 404: nothing of that name is here
    │   └── Gone                 410: it was here and was retracted
    ├── Conflict                 409: another bundle stands where this one would go
    ├── PreconditionFailed       412: If-Match names another state
    ├── Forbidden                401 or 403: no token, or one without the scope
    ├── StoreFault               exit 3, 503: disk, lock or engine
    ├── OverLimit                503: a query took more time or memory than it may
    ├── Busy                     503: others are being served, and as many wait as may
    ├── PeerFault                502: an endpoint that a query asks by SERVICE
    ├── UnsupportedShape         exit 2: a shape the compiler does not know
    └── ToolMissing              exit 3: a program this command needs is not installed
        └── JavaMissing

The core raises; only `graph.cli` and `graph.web` turn these into exit codes
and statuses. A message says what, where, what was expected and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from graph.report import Report


class GraphError(Exception):
    """Anything Ascribe itself raises."""

    title = "Something went wrong"


class BadInput(GraphError):
    """The input cannot be read as what it says it is."""

    title = "The input cannot be read"

    @classmethod
    def unread(cls, place: object, error: OSError) -> Self:
        """That a file was not read, and why."""
        return cls(f"{place}: not read: {(error.strerror or str(error)).lower()}.")


class SyntaxFault(BadInput):
    """A place in a file or query breaks the grammar.

    Units: `line` and `column` count from 1; None where the parser cannot say.
    """

    title = "The syntax is wrong"

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class TooLarge(BadInput):
    """The input is over a limit of size, depth or time."""

    title = "The input is too large"


class UnknownFormat(BadInput):
    """No parser or serialiser for that media type or extension."""

    title = "The format is not known"


class Unacceptable(BadInput):
    """The client accepts none of the formats on offer."""

    title = "No acceptable format"


class SelectorMismatch(BadInput):
    """The quoted words do not stand where they are said to stand.

    Shape: `problem` is the message without what only an annotation can do about it.
    """

    title = "The words are not in the text"

    def __init__(self, problem: str, in_a_file: str = "") -> None:
        super().__init__(problem + in_a_file)
        self.problem = problem


class AnnotationFault(BadInput):
    """An annotation file leaves something out or names something unknown.

    Shape: `where` is the table, `key` the key in it and `problem` what is wrong there;
        empty where the whole file is.
    """

    title = "The annotation is incomplete"

    def __init__(self, message: str, where: str = "", key: str = "", problem: str = "") -> None:
        super().__init__(message)
        self.where, self.key, self.problem = where, key, problem or message


class Refused(GraphError):
    """A bundle was read and checked, and breaks a rule. Nothing was stored."""

    title = "The bundle breaks a rule"

    def __init__(self, report: Report) -> None:
        super().__init__(report.summary())
        self.report = report


class NotFound(GraphError):
    """Nothing of that name is here."""

    title = "Nothing is here"


class Gone(NotFound):
    """It was here, and was retracted.

    Shape: `replaced_by` are the IRIs of what stands in its place, `version` is that of
        the source that was retracted.
    """

    title = "It was retracted"

    def __init__(self, message: str, replaced_by: tuple[str, ...] = (), version: str = "") -> None:
        super().__init__(message)
        self.replaced_by = replaced_by
        self.version = version


class Conflict(GraphError):
    """Another bundle stands where this one would go."""

    title = "Something else stands there"


class PreconditionFailed(GraphError):
    """The stored state is not the one the writer names."""

    title = "It has changed meanwhile"


class Forbidden(GraphError):
    """The act needs a token, or a token with another scope."""

    title = "Not allowed"


class StoreFault(GraphError):
    """The store cannot be opened, read or written."""

    title = "The store does not answer"


class OverLimit(GraphError):
    """A query took more time or memory than one may take."""

    title = "The query takes too much"


class Busy(GraphError):
    """Others are being served, and as many wait as may.

    Units: `retry_after_s` is how soon it is worth trying again.
    """

    title = "Too much is being asked"

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PeerFault(GraphError):
    """Another SPARQL endpoint cannot be reached, or does not answer as it should."""

    title = "Another endpoint failed"


class UnsupportedShape(GraphError):
    """The compiler does not know a construct of a shape, so it refuses the shape.

    Shape: `shape` is the IRI of the shape (or the name of its blank node) that
        holds the construct, `construct` what is not known.
    """

    title = "The shape cannot be compiled"

    def __init__(self, shape: str, construct: str) -> None:
        super().__init__(
            f"{shape}: {construct}. This shape is not compiled; check it with pySHACL."
        )
        self.shape = shape
        self.construct = construct


class ToolMissing(GraphError):
    """A program that this command needs is not installed."""

    title = "A tool is missing"


class JavaMissing(ToolMissing):
    """HermiT and Pellet run on Java, and none was found."""

    title = "Java is missing"
