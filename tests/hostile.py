"""Queries made to hang or kill an engine, by kind; valid SPARQL, all of them.

What each did to Oxigraph in the process that serves is why they are answered elsewhere.
"""

from __future__ import annotations

_ALL = "?s{n} ?p{n} ?o{n}"


def _cross(patterns: int, head: str = "SELECT (COUNT(*) AS ?n)") -> str:
    body = " . ".join(_ALL.format(n=n) for n in range(patterns))
    return f"{head} WHERE {{ {body} }}"


def _nested(before: str, inside: str, after: str, times: int) -> str:
    return before * times + inside + after * times


def _doubled(times: int) -> str:
    binds = " ".join(f"BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(times))
    return f'SELECT (STRLEN(?x{times}) AS ?n) {{ BIND ("abcdefgh" AS ?x0) {binds} }}'


def _star(width: int, subject: str = "?s") -> str:
    patterns = " . ".join(f"{subject} ?p{n} ?o{n}" for n in range(width))
    return f"SELECT * {{ {patterns} }} LIMIT 1"


def _values(rows: int, clauses: int) -> str:
    row = " ".join(f'"{n}"' for n in range(rows))
    parts = " ".join(f"VALUES ?v{n} {{ {row} }}" for n in range(clauses))
    return f"SELECT (COUNT(*) AS ?n) {{ {parts} }}"


def _update(where: str, before: str = "") -> str:
    return f"{before} INSERT {{ <urn:a> <urn:b> ?n }} WHERE {{ {where} }}"


UPDATES: dict[str, str] = {
    "a cross product in the state that the operation before left": _update(
        "{ " + _cross(6) + " }", before="INSERT DATA { <urn:a> <urn:b> 1 } ;"
    ),
    "one of values, which needs no data": _update("{ " + _values(100, 8) + " }"),
    "doubled texts": _update("{ " + _doubled(60) + " }"),
    "more triples than may change": "INSERT { ?s1 ?p2 ?o1 } WHERE { "
    + f"{_ALL.format(n=1)} . {_ALL.format(n=2)} }}",
    "groups in groups": _update(_nested("{", "?s ?p ?n", "}", 5_000)),
}
"""SPARQL Updates of that kind."""


HOSTILE: dict[str, list[str]] = {
    "cross product": [
        _cross(3),
        _cross(4),
        _cross(6),
        _cross(3, "SELECT *"),
        _cross(3, "SELECT DISTINCT ?o0 ?o1 ?o2"),
        _cross(3, "CONSTRUCT { ?s0 ?p1 ?o2 }"),
        _cross(2, "SELECT *") + " ORDER BY ?o1 ?o0",
    ],
    "path": [
        "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>)* ?b . ?b (!<urn:x>)* ?c }",
        "SELECT * { ?a (!<urn:x>)* ?b . ?c (!<urn:x>)* ?d }",
        "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^(!<urn:x>))* ?b }",
        "SELECT (COUNT(*) AS ?n) { ?a ((!<urn:x>)*/(!<urn:x>)*)* ?b }",
        "SELECT * { ?a (!<urn:x>|!<urn:y>)+/(!<urn:z>)+/(!<urn:x>)+ ?b . ?b ^(!<urn:x>)+ ?c }",
        "ASK { ?a " + _nested("(", "!<urn:x>", ")*", 2_000) + " ?b }",
        "ASK { ?a " + "/".join(["(!<urn:x>)?"] * 300) + " ?b }",
    ],
    "chain of ||": [
        "ASK { ?s ?p ?o FILTER (" + " || ".join(f'?o = "{n}"' for n in range(1_000)) + ") }",
        "ASK { ?s ?p ?o FILTER (" + " || ".join(f"?o > {n}" for n in range(20_000)) + ") }",
        "SELECT * { " + _ALL.format(n="") + " FILTER (" + " || ".join(["?o = ?s"] * 5_000) + ") }",
        "ASK { FILTER (" + " && ".join(["true"] * 50_000) + ") }",
        "SELECT (" + " + ".join(["1"] * 50_000) + " AS ?n) {}",
        "SELECT * { "
        + _ALL.format(n="")
        + " FILTER (?o IN ("
        + ", ".join(map(str, range(50_000)))
        + ")) }",
    ],
    "star": [
        _star(100),
        _star(1_000),
        _star(3_000),
        _star(1_000, "<http://127.0.0.1:8000/agent/cnn-f2e80d>"),
        "SELECT * { " + " ".join(f"OPTIONAL {{ ?s ?p{n} ?o{n} }}" for n in range(500)) + " }",
        "SELECT * { " + " ".join(f"MINUS {{ ?s ?p{n} ?o{n} }}" for n in range(500)) + " }",
    ],
    "nesting": [
        "ASK { FILTER (" + _nested("(", "1", ")", 10_000) + ") }",
        "ASK { FILTER (" + _nested("(", "1", ")", 100_000) + ") }",
        "ASK " + _nested("{", "?s ?p ?o", "}", 10_000),
        "ASK { FILTER (" + _nested("!", "true", "", 50_000) + ") }",
        "SELECT * { ?s ?p " + _nested("[ ?q ", "1", " ]", 5_000) + " }",
        "SELECT * { ?s ?p " + _nested("( ", "1", " )", 5_000) + " }",
        "SELECT * { " + _nested("<< ", "?s ?p ?o", " >> ?p ?o", 3_000) + " }",
        "SELECT * { " + _nested("<<( ", "?s ?p ?o", " )>>", 3_000) + " ?p ?o }",
    ],
    "functions": [
        "SELECT (" + _nested("STR(", '"x"', ")", 1_000) + " AS ?x) {}",
        "SELECT (" + _nested("STR(", '"x"', ")", 20_000) + " AS ?x) {}",
        "SELECT (" + _nested("IF(true, ", "1", ", 2)", 5_000) + " AS ?x) {}",
        "SELECT (" + _nested("COALESCE(", "1", ", 2)", 5_000) + " AS ?x) {}",
        _doubled(20),
        _doubled(40),
        _doubled(200),
        'SELECT (STRLEN(REPLACE(REPLACE(REPLACE("'
        + "a" * 1_000
        + '", "a", "'
        + "b" * 1_000
        + '"), "b", "'
        + "c" * 1_000
        + '"), "c", "dddddddddd")) AS ?n) {}',
    ],
    "union": [
        "SELECT * { " + " UNION ".join(["{ ?s ?p ?o }"] * 1_000) + " }",
        "SELECT (COUNT(*) AS ?n) { " + " UNION ".join(["{ ?s ?p ?o }"] * 10_000) + " }",
        "SELECT (COUNT(*) AS ?n) { "
        + _nested("{ ", "?s ?p ?o", " } UNION { ?a ?b ?c }", 2_000)
        + " }",
        "SELECT * { " + " ".join(["{ ?a ?b ?c } UNION { ?d ?e ?f }"] * 12) + " }",
    ],
    "regular expression": [
        'SELECT * { ?s ?p ?o FILTER REGEX(STR(?o), "^(a+)+$") }',
        'ASK { FILTER REGEX("' + "a" * 5_000 + '!", "^(a|aa|a?a)+$") }',
        'ASK { FILTER REGEX("' + "a" * 500 + '", "(((a{1,100}){1,100}){1,100}){1,100}") }',
        'ASK { FILTER REGEX("x", "' + _nested("(", "x", ")", 5_000) + '") }',
        'SELECT (REPLACE("' + "ab" * 5_000 + '", "(a|b)*?c|(.)", "$2$2$2") AS ?x) {}',
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?t ?q ?r FILTER REGEX(STR(?o), STR(?r)) }",
    ],
    "values": [
        _values(1_000, 3),
        _values(50_000, 1),
        _values(100, 6),
        "SELECT * { VALUES ?x { " + " ".join(f"<urn:{'x' * 900}{n}>" for n in range(900)) + " } }",
        "SELECT * { <urn:" + "x" * 900_000 + "> ?p ?o }",
        'SELECT * { ?s ?p "' + "x" * 900_000 + '" }',
    ],
    "sub-selects": [
        "SELECT * { " + _nested("{ SELECT * { ", "?s ?p ?o", " } }", 3_000) + " }",
        "SELECT * { " + " ".join(f"{{ SELECT * {{ ?a{n} ?b ?c{n} }} }}" for n in range(8)) + " }",
        "SELECT * { ?s ?p ?o " + _nested("FILTER EXISTS { ?s ?q ?r ", "", "}", 2_000) + " }",
        "SELECT * { ?s ?p ?o "
        + _nested("FILTER NOT EXISTS { ?t ?q ?o . ?x ?y ?z ", "", "}", 30)
        + " }",
        "SELECT * { ?s ?p ?o . ?t ?q ?r FILTER NOT EXISTS { ?s ?q ?x . ?y ?p ?r . ?y ?z ?x } }",
    ],
    "aggregates": [
        "SELECT (GROUP_CONCAT(?o0) AS ?all) { ?s0 ?p0 ?o0 . ?s1 ?p1 ?o1 }",
        "SELECT ?o0 (GROUP_CONCAT(DISTINCT ?o1) AS ?x) { ?s0 ?p0 ?o0 . ?s1 ?p1 ?o1 } GROUP BY ?o0",
        "SELECT * { ?s0 ?p0 ?o0 . ?s1 ?p1 ?o1 } ORDER BY ?o1 ?o0 ?s1 LIMIT 10",
        "SELECT (COUNT(DISTINCT *) AS ?n) { ?s0 ?p0 ?o0 . ?s1 ?p1 ?o1 }",
        "SELECT (MAX(?o1) AS ?x) { ?s0 ?p0 ?o0 . ?s1 ?p1 ?o1 } GROUP BY ?o0 ?p1 ?o1",
    ],
}
