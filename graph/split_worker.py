"""Takes a large file apart into its bundles, in a process of its own.

Run as a script by `graph.bulk`, never imported. Each bundle's quads have to
stand together, as `ascribe export` writes them, so one bundle is held at a
time. What comes out is a line of JSON and the N-Quads it announces, again and
again; the last line says how it ended.
"""

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox


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
            done = 0
            for part in parts(quads, task):
                send({"bytes": file.tell(), "quads": done}, nquads(part))
                done += len(part)
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


def parts(quads: Iterator[ox.Quad], task: dict[str, object]) -> Iterator[list[ox.Quad]]:
    """The quads of each bundle; what stands before the first goes with it."""
    shared = set(task["shared"])  # type: ignore[call-overload]
    most, longest = int(str(task["triples"])), int(str(task["literal_bytes"]))
    held: list[ox.Quad] = []
    current = ""
    finished: set[int] = set()
    for quad in quads:
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        version = "" if graph in shared else graph.removesuffix("/assessments")
        if version and version != current:
            if current:
                finished.add(hash(current))
                yield held
                held = []
            if hash(version) in finished:
                raise Fault(
                    f"the quads of {version} do not stand together: write the file with "
                    "`ascribe export`, or take it apart into one file for each source"
                )
            current = version
        held.append(quad)
        if len(held) > most:
            raise Fault(f"the bundle {current} has more than {most:,} triples")
        if isinstance(value := quad.object, ox.Literal):
            text = value.value
            if len(text) > longest:
                raise Fault(f"a literal is longer than {longest:,} bytes: {text[:40]!r}...")
            if "\0" in text:
                raise Fault(f"a literal holds a NUL (\\u0000), so it is no text: {value}")
    if held:
        yield held


def nquads(quads: list[ox.Quad]) -> bytes:
    """Quads as N-Quads."""
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""


if __name__ == "__main__":
    main()
