"""Who held a post when something was said in it."""

from __future__ import annotations

import pytest
from accounts import HAPPENED, Account

from graph.formats import TURTLE
from graph.kg import KnowledgeGraph

POST = """
@prefix org: <http://www.w3.org/ns/org#> .
<attribution/{key}/hop> asc:capacity <post/mayor> ; asc:saidAt <time/{key}/said> .
<time/{key}/said> a asc:TimeExpression ; asc:wording "then" ; asc:edtf "{said}" .
<time/{key}/term> a asc:TimeExpression ; asc:wording "in office" ; asc:edtf "{during}" .
<post/mayor> a asc:Post ; rdfs:label "mayor"@en .
<membership/mayor> a org:Membership ; org:member <agent/lind> ; asc:post <post/mayor> ;
    org:memberDuring <time/{key}/term> .
<agent/lind> a asc:Person ; rdfs:label "Ada Lind"@en .
"""


@pytest.mark.parametrize(
    ("during", "said", "held"),
    [
        ("2029-01/2031-05", "2031-05-04", "yes"),
        ("2029-01/2031-05", "2031-06", "no"),
        ("2029-01/2031-05", "2028-12-31", "no"),
        ("2029/..", "2031-05-04", "yes"),
        ("../2030", "2031", "no"),
        ("2031", "2031-05-04", "yes"),
        ("2029-01/2031-05", "XXXX-05-04", "not known"),
    ],
)
def test_a_dated_post_tells_who_held_it_when_something_was_said(
    kg: KnowledgeGraph, during: str, said: str, held: str
) -> None:
    account = Account(1, HAPPENED)
    post = POST.format(key=account.sha[-12:], during=during, said=said)
    if said.startswith("X"):
        post = post.replace(
            'asc:wording "then"', 'asc:wording "then" ; asc:yearStatus ascv:yearNotStated'
        )
    kg.add(account.turtle() + post.encode(), form=TURTLE)
    ((found, holder, answer),) = [
        (row[0], row[1], row[5]) for row in kg.query("in_post_when_said").rows
    ]
    assert (found, holder, answer) == ("mayor", "Ada Lind", held)
