"""The command `ascribe`: errors become exit codes here and nowhere else.

0 fine, 1 violations, 2 usage or unreadable input, 3 store or server failure,
130 interrupted.
"""

from __future__ import annotations

import sys

import click

from graph.cli import (
    adding,
    changing,
    data,
    importing,
    keeping,
    ontology,
    relating,
    searching,
    serving,
)
from graph.cli.options import main, say_error
from graph.errors import GraphError

for module in (adding, changing, data, importing, keeping, ontology, relating, searching, serving):
    for command in module.COMMANDS:
        main.add_command(command)


def run() -> None:
    """Run the command line and exit with its code."""
    try:
        code = main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except GraphError as error:
        code = say_error(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("ascribe: interrupted.", err=True)
        code = 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away: nothing to say
        code = 0
    sys.exit(code or 0)
