# One more quote of a version is said to have been checked.
PREFIX asc: <https://w3id.org/ascribe/ns#>

DELETE { ?review asc:quotesChecked ?count }
INSERT { ?review asc:quotesChecked ?more }
WHERE {
  ?review asc:reviewed $version ; asc:quotesChecked ?count .
  BIND (?count + 1 AS ?more)
}
