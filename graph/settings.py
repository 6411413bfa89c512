"""Every knob, from the environment, frozen.

A setting `max_bytes` is read from `ASCRIBE_MAX_BYTES`; what a dataset folder's
own `ascribe.json` says (its base) is put over it when the folder is opened.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from graph.errors import BadInput


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may change.

    Units: names ending in `_s` are seconds, in `_bytes` bytes.
    """

    data: str = ""
    """The dataset folder; empty keeps everything in memory."""
    base: str = "http://127.0.0.1:8000/"
    """The IRI prefix under which data is minted and served; ends in a slash."""
    max_bytes: int = 64_000_000
    """The largest file or request body that is read."""
    max_triples: int = 2_000_000
    """The largest number of triples one input may hold."""
    max_literal_bytes: int = 1_000_000
    """The longest literal."""
    parse_timeout_s: float = 60.0
    """How long one input may take to parse."""
    parse_memory_bytes: int = 2_000_000_000
    """The address space of the process that parses."""
    query_timeout_s: float = 10.0
    """How long one query may take to be answered, its wait for a turn included."""
    query_memory_bytes: int = 1_000_000_000
    """How much memory one query may take."""
    query_max_bytes: int = 1_000_000
    """The longest query."""
    query_max_rows: int = 1_000_000
    """The largest number of rows, or of triples, in one answer."""
    query_max_result_bytes: int = 500_000_000
    """The largest answer."""
    query_workers: int = 4
    """How many queries are answered at a time; one client has all but one at most."""
    query_queue: int = 64
    """How many more may wait."""
    read_only: bool = False
    """Refuse every write, whatever the token."""
    gate: bool = True
    """Whether bundles are checked; if not, DIR/ungated is served, for experiments."""
    public: bool = True
    """Whether anyone may read; if not, reading takes a token of the scope `read`."""
    queries_per_minute: int = 3_000
    """Queries and exports from one address, asked without a token; 0 for no limit."""
    checks_per_minute: int = 600
    """Bundles sent to be checked from one address, without a token; 0 for no limit."""
    writes_per_minute: int = 12_000
    """Writes with one token; 0 for no limit."""
    wrong_tokens_per_minute: int = 60
    """Requests from one address with a token that is not known; 0 for no limit."""
    service_endpoints: str = ""
    """The SPARQL endpoints that a query may ask by SERVICE, with a space between them."""
    service_timeout_s: float = 5.0
    """How long such an endpoint may take to answer."""
    service_max_bytes: int = 500_000
    """How long the answers of such endpoints may be, those to one query together."""
    trusted_proxies: int = 0
    """How many proxies in front set X-Forwarded-For and X-Forwarded-Proto."""
    access_log: bool = False
    """Write a line about each request to standard error."""
    log_format: str = "text"
    """How log lines are written: `text`, or `json` for one object a line."""
    slow_query_s: float = 1.0
    """From how long on a query is noted as slow; 0 for never."""
    log_queries: bool = False
    """Give a slow query's text in the log, and not its digest alone."""
    metrics_public: bool = False
    """Let anyone read `/metrics`; if not, that takes a token of the scope `read`."""
    min_disk_bytes: int = 200_000_000
    """With less room on the dataset's disk the server is not ready."""
    shutdown_s: int = 30
    """How long requests under way may take to end once the server is told to stop."""
    settings_file: str = ""
    """A TOML file of settings for those that the environment does not give."""
    cache_bytes: int = 64_000_000
    """How much memory the answers that are given again may take; 0 keeps none."""
    cache_entry_bytes: int = 1_000_000
    """The longest answer that is kept."""
    title: str = "Statements and attributions"
    """What the dataset is called where it is described."""
    license: str = ""
    """The IRI of the licence of the dataset's statements; empty says nothing about it."""
    creator: str = ""
    """Who made the dataset, by name or by IRI; empty names nobody."""
    java: str = ""
    """The Java executable for the reasoners; empty looks for one."""

    def __post_init__(self) -> None:
        if not self.base.startswith(("http://", "https://")) or self.base[-1] != "/":
            raise BadInput(
                f"The base {self.base!r} cannot be used: expected an http or https "
                "IRI that ends in a slash, such as https://claims.example.org/."
            )
        if self.log_format not in ("text", "json"):
            raise BadInput(f"ASCRIBE_LOG_FORMAT={self.log_format!r} is neither text nor json.")
        for endpoint in self.service_endpoints.split():
            parts = urlsplit(endpoint)
            if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
                raise BadInput(
                    f"ASCRIBE_SERVICE_ENDPOINTS holds {endpoint!r}: expected http or https "
                    "addresses without a user's name, with a space between them."
                )
        for field in fields(self):
            if isinstance(field.default, (int, float)) and getattr(self, field.name) < 0:
                raise BadInput(
                    f"ASCRIBE_{field.name.upper()}={getattr(self, field.name)} is below 0: "
                    "write a number from 0 up."
                )

    @property
    def query_wait_s(self) -> float:
        """How long one query may wait for its turn, so that as long is left to answer it; as much
        of what a process takes to read what is new counts as well."""
        return self.query_timeout_s / 2

    @property
    def services(self) -> frozenset[str]:
        """The endpoints that a query may ask."""
        return frozenset(self.service_endpoints.split())

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Settings with every `ASCRIBE_*` variable applied, and below them the settings file.

        Raises: BadInput naming the variable, or the file and the setting, whose
            value cannot be read.
        """
        found = _from_file(environ.get("ASCRIBE_SETTINGS_FILE", ""))
        for field in fields(cls):
            variable = f"ASCRIBE_{field.name.upper()}"
            if variable in environ:
                found[field.name] = _read(variable, environ[variable], field.default)
        return cls(**found)

    def but(self, **changes: Any) -> Self:
        """The same settings with `changes`; None leaves a setting as it is."""
        given = {name: value for name, value in changes.items() if value is not None}
        return replace(self, **given)


def _from_file(name: str) -> dict[str, Any]:
    """The settings in a TOML file, such as `queries_per_minute = 100`."""
    if not name:
        return {}
    import tomllib

    try:
        found = tomllib.loads(Path(name).read_text("utf-8"))
    except OSError as error:
        raise BadInput.unread(name, error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{name}: not readable as TOML: {error}.") from None
    kinds = {field.name: type(field.default) for field in fields(Settings)}
    for key, value in found.items():
        kind = kinds.get(key)
        if kind is None:
            raise BadInput(f"{name}: there is no setting {key!r}.")
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise BadInput(f"{name}: {key} = {value!r} is not of the type {kind.__name__}.")
    return found


def _read(variable: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text.lower() in {"1", "true", "yes", "on"}:
            return True
        if text.lower() in {"0", "false", "no", "off", ""}:
            return False
        raise BadInput(f"{variable}={text!r} is neither true nor false: write 1 or 0.")
    if isinstance(default, (int, float)):
        try:
            return type(default)(text)
        except ValueError:
            raise BadInput(f"{variable}={text!r} is not a number.") from None
    return text
