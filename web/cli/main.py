"""The command `judhur` with all of its subcommands, and its exit status.

A command returns its exit status (None is 0): 0 success, 1 an error, 2 wrong usage, 3 refused articles (`index add`
with `--strict`, `index migrate` always), 4 and 5 only from `index status`, 130 after an interruption.
"""

from __future__ import annotations

import io
import os
import sys

import click

from index.errors import IndexingError, is_out_of_memory
from search.errors import SearchError
from web.cli.analyze_command import analyze_command
from web.cli.command import FAILED, INTERRUPTED, complain, index_option, rtl_option, tell
from web.cli.index_commands import index_group
from web.cli.search_command import search_command
from web.cli.serve_command import serve_command
from web.config import ConfigError


def main() -> None:
    """Run the command line and end the process with its exit status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; errors of Judhur and of the system are printed as one line."""
    try:
        _refuse_undecodable(arguments)
        status = judhur.main(arguments, prog_name="judhur", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        _show(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe closed it. Without this, Python's flush at exit would print a second error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (IndexingError, SearchError, ConfigError, OSError) as error:
        complain(error)
        return FAILED
    except (MemoryError, RuntimeError, ImportError) as error:
        if not is_out_of_memory(error):
            raise
        complain("not enough memory; what was committed stays: allow the command more (ulimit -v, MemoryMax)")
        return FAILED
    return status if isinstance(status, int) else 0


def _show(error: click.ClickException) -> None:
    message = io.StringIO()
    error.show(message)
    for line in message.getvalue().splitlines():
        tell(line, error=True)


def _refuse_undecodable(arguments: list[str]) -> None:
    for number, argument in enumerate(arguments, start=1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise click.UsageError(f"argument {number} is not text in UTF-8: {argument!a}") from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="judhur", message="%(package)s %(version)s")
@index_option
@rtl_option
def judhur() -> None:
    """Search Arabic articles by words, by their other forms and by their roots."""


judhur.add_command(index_group)
judhur.add_command(search_command)
judhur.add_command(analyze_command)
judhur.add_command(serve_command)
