"""Our JSON-LD context, and the name under which it can be kept for ever."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from graph.files import ontology_dir


@cache
def context() -> dict[str, Any]:
    """Our JSON-LD context, as the file has it."""
    return dict(json.loads((ontology_dir() / "context.jsonld").read_text("utf-8")))


@cache
def context_bytes() -> bytes:
    """The context as it is served."""
    return (json.dumps(context(), indent=2) + "\n").encode()


@cache
def context_name() -> str:
    """What the context is called under a base: another name for each content."""
    return f"context-{hashlib.sha256(context_bytes()).hexdigest()[:12]}.jsonld"
