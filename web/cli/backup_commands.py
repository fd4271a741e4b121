"""The commands `judhur index backup` and `judhur index restore`."""

from __future__ import annotations

import click

from index.errors import IndexUnsoundError
from web.cli.command import FAILED, chosen_config, chosen_terminal, complain, index_option, tell, warn_of_password

_MEGABYTE = 1_000_000


@click.command()
@click.argument("target", metavar="TO")
@index_option
def backup(target: str) -> int:
    """Write a verified copy of the index into the new folder TO, while others write to the index and search it.

    TO is there when it is complete, and is an ordinary index. Status 1, and no TO, if the index has problems.
    """
    from index.backups import backup as back_up
    from web.cli.reporting import IndexingLog

    location = chosen_config().index
    try:
        with IndexingLog(chosen_terminal(error=True), label="backing up") as log:
            report = back_up(location, target, progress=log.progress)
    except IndexUnsoundError as error:
        return _refuse(error)
    _warn_if_outdated(report.outdated)
    tell(f"{target}: {_summary(report.documents, report.size_bytes, report.generation, report.seconds)}")
    return 0


@click.command()
@click.argument("source", metavar="FROM")
@click.option("--replace", is_flag=True, help="Give up the articles that the index has.")
@index_option
def restore(source: str, replace: bool) -> int:
    """Put the backup in the folder FROM in the place of the index, and verify it; FROM is not changed.

    Nothing is changed if FROM has problems. A running server follows. After an interruption, run it again.
    """
    from index.backups import restore as put_back
    from web.cli.reporting import IndexingLog

    warn_of_password(source)
    location = chosen_config().index
    try:
        with IndexingLog(chosen_terminal(error=True), label="restoring") as log:
            report = put_back(source, location, replace=replace, progress=log.progress)
    except IndexUnsoundError as error:
        return _refuse(error)
    _warn_if_outdated(report.outdated)
    tell(f"{location}: {_summary(report.documents, report.size_bytes, report.generation, report.seconds)}")
    return 0


def _refuse(error: IndexUnsoundError) -> int:
    for problem in error.problems:
        complain(problem)
    complain(error)
    return FAILED


def _warn_if_outdated(outdated: str) -> None:
    if outdated:
        complain(f"note: the articles were checked, but this Judhur cannot search them before a rebuild: {outdated}")


def _summary(documents: int, size: int, generation: str, seconds: float) -> str:
    named = f", generation {generation}" if generation else ""
    return f"{documents:,} articles, {size / _MEGABYTE:,.1f} MB{named}, verified, in {seconds:.1f} s"
