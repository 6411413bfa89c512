"""The forms in which what is stored leaves: one table, read by `ascribe export`, by
`/export` and its negotiation, by the API's description, and by the manual's test.

To add a form, write a module with its `Format` (name, media type, extension) and a
function that writes an `Extract` to a file as it comes, holding one source at a time:
`extract.rows()` has a row for each statement, `extract.quads()` what is stated. Then add an
entry to `EXPORTS`, and its line to the table in docs/exports.md, which a test compares.
What needs a package that is not installed with Ascribe names it in `needs`, and imports
it within the function; the package gets an extra of that form's extension in
pyproject.toml.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import IO

from graph.errors import ToolMissing, UnknownFormat
from graph.export import export
from graph.extract import Extract
from graph.formats import RDF_FORMATS, Format, write_quads
from graph.forms.bibliography import BIBTEX, CSL_JSON, write_bibtex, write_csl_json
from graph.forms.hypothesis import HYPOTHESIS, write_hypothesis
from graph.forms.nanopubs import NANOPUBS, write_nanopubs
from graph.forms.network import GEXF, GRAPHML, write_gexf, write_graphml
from graph.forms.schema_org import SCHEMA_ORG, write_schema_org
from graph.forms.sheets import PARQUET, XLSX, write_parquet, write_xlsx
from graph.forms.triple_terms import TRIG_12, write_trig_12
from graph.listings import CSV, WEB_ANNOTATION, write_table


@dataclass(frozen=True, slots=True)
class Export:
    """A form, what it holds, who writes it, and the package that this needs."""

    form: Format
    holds: str
    writer: Callable[[Extract, IO[bytes]], None]
    needs: str = ""

    def check(self) -> None:
        """Make sure that it can be written here.

        Raises: ToolMissing, saying what to install.
        """
        if self.needs and find_spec(self.needs) is None:
            raise ToolMissing(
                f"{self.form.name} is written by the package {self.needs}, which is not "
                f"installed: pip install 'ascribe[{self.form.extension}]'."
            )

    def write(self, extract: Extract, output: IO[bytes]) -> None:
        """Write what was chosen, streamed.

        Raises: as `check`.
        """
        self.check()
        self.writer(extract, output)


def _rdf(extract: Extract, output: IO[bytes], form: Format) -> None:
    if extract.chosen:
        write_quads(extract.quads(), output, form)
    else:
        export(extract.stated, output, form, extract.base, extract.watch)


def _listing(extract: Extract, output: IO[bytes], form: Format) -> None:
    write_table(extract.rows(), output, form)


EXPORTS: dict[Format, Export] = {
    each.form: each
    for each in (
        *(
            Export(form, "all that bundles state, as RDF", partial(_rdf, form=form))
            for form in RDF_FORMATS
        ),
        Export(CSV, "a table with a row for each statement", partial(_listing, form=CSV)),
        Export(XLSX, "the same table, as a workbook", write_xlsx, "xlsxwriter"),
        Export(PARQUET, "the same table, as typed columns", write_parquet, "pyarrow"),
        Export(
            WEB_ANNOTATION,
            "who said it, as annotations upon the words in their source",
            partial(_listing, form=WEB_ANNOTATION),
        ),
        Export(
            SCHEMA_ORG,
            "quotations, claims and published reviews in the words of schema.org",
            write_schema_org,
        ),
        Export(
            HYPOTHESIS,
            "who said it, as notes for Hypothesis to import",
            write_hypothesis,
        ),
        Export(BIBTEX, "the sources, for reference managers", write_bibtex),
        Export(CSL_JSON, "the sources, for reference managers and citeproc", write_csl_json),
        Export(
            TRIG_12,
            "all that bundles state, as RDF 1.2: assessments reify the relations they judge",
            write_trig_12,
        ),
        Export(
            NANOPUBS,
            "a nanopublication for each statement, under a trusty URI",
            write_nanopubs,
            "nanopub",
        ),
        Export(
            GRAPHML, "who says what, where and about what, as a network", write_graphml, "networkx"
        ),
        Export(GEXF, "the same network, for Gephi", write_gexf, "networkx"),
    )
}
"""Every form, in order of preference."""


def export_of(name: str) -> Export:
    """The form with that extension.

    Raises: UnknownFormat, listing the extensions that are known.
    """
    for form, found in EXPORTS.items():
        if form.extension == name:
            return found
    known = ", ".join(form.extension for form in EXPORTS)
    raise UnknownFormat(f"{name} is no form of an export. Expected one of {known}.")
