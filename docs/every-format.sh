#!/usr/bin/env bash
# Fetches one statement in every format, by its address and from /export, and looks in
# each for its words, its speaker and its source.
# Reading Parquet takes a python3 that has pyarrow.
# Usage: docs/every-format.sh [BASE]
set -euo pipefail
base=${1:-http://127.0.0.1:8000/}
statement=statement/ffc646f2603c/2076-2306-8224e4fc
words='natural result of the persistent refusal'
speaker='Russian Foreign Ministry'
source='/v/ffc646f2603cdb7e'
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

look() { # FORMAT ADDRESS FACT...: which of the facts are in what the address answers
  local format=$1 address=$2 status found=""
  shift 2
  status=$(curl -sS -o "$folder/said" -w '%{http_code}' "$address")
  if [ "$status" = 406 ]; then
    echo "$format: needs a package that is not installed there"
    return
  fi
  [ "$status" = 200 ] || { echo "$format: $status"; exit 1; }
  case $format in # packed ones are written out before they are searched
    xlsx) python3 -m zipfile -e "$folder/said" "$folder/book" && cat "$folder"/book/xl/*.xml "$folder"/book/xl/worksheets/*.xml ;;
    parquet) python3 -c 'import pyarrow.parquet as p, sys; print(p.read_table(sys.argv[1]).to_pylist())' "$folder/said" ;;
    *) cat "$folder/said" ;;
  esac > "$folder/told"
  for fact in "$@"; do
    grep -qF -- "${!fact}" "$folder/told" || { echo "$format: no $fact"; exit 1; }
    found+=" $fact"
  done
  echo "$format:$found"
}

for format in html jsonld ttl trig nt nq rdf; do
  look $format "$base$statement.$format" words speaker source
done
for format in csv xlsx parquet anno schema hypothesis nanopub graphml gexf; do
  look $format "${base}export?format=$format&statement=$statement" words speaker source
done
look trig12 "${base}export?format=trig12" words speaker source
for format in bib csl; do # of the source alone
  look $format "${base}export?format=$format&statement=$statement" source
done
