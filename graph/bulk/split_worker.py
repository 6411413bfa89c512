"""Takes a large file apart into its bundles, in a process of its own.

Run as a script by `graph.bulk.splitting`, never imported. Each bundle's quads have to
stand together, as `ascribe export` writes them, so one bundle is held at a
time. What comes out is a line of JSON and the N-Quads it announces, again and
again; the last line says how it ended.
"""

import json
import os
import resource
import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import pyoxigraph as ox

BLOCK = 256
END = b" .\n"
NUL = b"\\u0000"


class Fault(Exception):
    """A file that cannot be taken apart."""


def main() -> None:
    """Write the bundles of the file that the argument names."""
    task = json.loads(sys.argv[1])
    memory = task["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    end: dict[str, object] = {"end": True}
    try:
        with Path(task["path"]).open("rb") as file:
            form = ox.RdfFormat.from_media_type(task["media_type"])
            quads = ox.parse(file, form, base_iri=task["base"], rename_blank_nodes=True)
            for part in parts(blocks(quads, int(task["literal_bytes"])), task):
                send({"bytes": file.tell()}, END.join([*part, b""]))
    except SyntaxError as error:
        end |= {"error": f"{error.msg}", "line": error.lineno, "column": error.offset}
    except (Fault, OSError, ValueError) as error:
        end |= {"error": str(error)}
    except MemoryError:
        end |= {"error": "one of its bundles needs more memory than one input may use"}
    send(end, b"")


def send(head: dict[str, object], payload: bytes) -> None:
    """One frame."""
    head["length"] = len(payload)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + payload)
    sys.stdout.buffer.flush()


def blocks(quads: Iterator[ox.Quad], longest: int) -> Iterator[list[bytes]]:
    """The quads as lines of N-Quads without their ends, some hundred at a time.

    Raises: Fault for a literal that is no text or too long.
    """
    fault: SyntaxError | None = None
    while not fault:
        block: list[ox.Quad] = []
        try:
            block.extend(islice(quads, BLOCK))
        except SyntaxError as error:  # what stands before it counts
            fault = error
        if not block:
            break
        data = ox.serialize(block, format=ox.RdfFormat.N_QUADS) or b""
        lines = data.split(END)[:-1]
        if NUL in data or max(map(len, lines)) > longest:
            for number, quad in enumerate(block):
                if reason := oddness(quad.object, longest):
                    yield lines[:number]
                    raise Fault(reason)
        yield lines
    if fault:
        raise fault


def oddness(value: object, longest: int) -> str:
    """What is wrong with a literal that is too long or no text."""
    text = value.value if isinstance(value, ox.Literal) else ""
    if len(text) > longest:
        return f"a literal is longer than {longest:,} bytes: {text[:40]!r}..."
    return f"a literal holds a NUL (\\u0000), so it is no text: {value}" if "\0" in text else ""


def parts(blocks: Iterator[list[bytes]], task: dict[str, object]) -> Iterator[list[bytes]]:
    """The quads of each bundle; what stands before the first goes with it."""
    shared = [f" <{graph}>".encode() for graph in task["shared"]]  # type: ignore[attr-defined]
    most = int(str(task["triples"]))
    held: list[bytes] = []
    current = b""
    same: tuple[bytes, ...] = tuple(shared)
    finished: set[int] = set()
    for line in chain.from_iterable(blocks):
        if not line.endswith(same):
            version = graph_of(line).removesuffix(b"/assessments")
            if version and version != current:
                if current:
                    finished.add(hash(current))
                    yield held
                    held = []
                if hash(version) in finished:
                    raise Fault(
                        f"the quads of {version.decode()} do not stand together: write the file "
                        "with `ascribe export`, or take it apart into one file for each source"
                    )
                current = version
                same = (b" <%b>" % version, b" <%b/assessments>" % version, *shared)
        held.append(line)
        if len(held) > most:
            raise Fault(f"the bundle {current.decode()} has more than {most:,} triples")
    if held:
        yield held


def graph_of(line: bytes) -> bytes:
    """The IRI of the graph that a quad is in, if it has one.

    Shape: a line of N-Quads in its one canonical form, without its end.
    """
    *before, word = line.split(b" ")
    is_graph = len(before) > 2 and word.startswith(b"<") and b'"' not in word
    return word[1:-1] if is_graph else b""


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # whoever reads has died, and what is unsent with it
        os._exit(1)
