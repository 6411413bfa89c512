"""The examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil

import pytest

import graph

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(graph.__path__, "graph.")
    if not module.name.endswith("parse_worker")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [each for each in os.environ if each.startswith("ASCRIBE_")]:
        monkeypatch.delenv(variable)
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    modules = [importlib.import_module(name) for name in ["graph", *MODULES]]
    assert sum(len(test.examples) for module in modules for test in finder.find(module)) > 10
