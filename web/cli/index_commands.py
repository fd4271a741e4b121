"""The commands `judhur index …`; those that copy an index are in `web.cli.backup_commands`."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from index.errors import IndexMismatchError, IndexMissingError
from index.location import redacted
from web.cli.backup_commands import backup, restore
from web.cli.command import (
    FAILED,
    NO_INDEX,
    OUTDATED,
    REFUSED,
    chosen_config,
    chosen_terminal,
    complain,
    index_option,
    rtl_option,
    tell,
    warn_of_password,
)
from web.config import MAX_PROCESSES, completed_location

_Command = TypeVar("_Command", bound=Callable[..., object])


def _jobs_option(command: _Command) -> _Command:
    return click.option(
        "--jobs",
        type=click.IntRange(0, MAX_PROCESSES),
        default=1,
        metavar="N",
        callback=_jobs,
        help="Processes that share the work, 0 for one per processor (default: 1, the command's own).",
    )(command)


def _refused_option(command: _Command) -> _Command:
    return click.option(
        "--refused",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the refused articles into this new file, as JSON Lines.",
    )(command)


def _jobs(context: click.Context, parameter: click.Parameter, value: int) -> int:
    from index.parallel import processors

    del context, parameter
    return value or processors()


@click.group("index")
@index_option
def index_group() -> None:
    """Create and maintain an index."""


@index_group.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--sync", is_flag=True, help="Also remove the articles that the paths no longer hold.")
@click.option("--allow-removals", is_flag=True, help="Let --sync remove most articles of a path, or all of them.")
@click.option("--strict", is_flag=True, help="End with status 3 when an article was refused.")
@click.option("--verbose", is_flag=True, help="List every note, not the first twenty of a kind.")
@_refused_option
@_jobs_option
@index_option
@rtl_option
def add(
    paths: tuple[Path, ...],
    sync: bool,
    allow_removals: bool,
    strict: bool,
    verbose: bool,
    refused: Path | None,
    jobs: int,
) -> int:
    """Read articles: folders of text, .jsonl, .jsonl.gz, .csv, .html, RSS and Atom files.

    Articles that the index has unchanged are skipped, so the same command can be run again at any time.
    """
    from index.build import add_articles
    from index.refused import keeping_refused
    from web.cli.reporting import IndexingLog, summary

    if allow_removals and not sync:
        raise click.UsageError("--allow-removals goes with --sync; without it nothing is removed")
    config = chosen_config()
    log = IndexingLog(chosen_terminal(error=True), label="indexing", verbose=verbose)
    with log, keeping_refused(refused, log.report) as listener:
        report = add_articles(
            config.index,
            paths,
            sync=sync,
            allow_removals=allow_removals,
            zone=config.zone,
            jobs=jobs,
            progress=log.progress,
            report=listener,
        )
    log.close()
    tell(f"{redacted(config.index)}: {summary(report)}")
    return REFUSED if strict and report.refused else 0


@index_group.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@_refused_option
@_jobs_option
@rtl_option
def migrate(source: str, target: str, refused: Path | None, jobs: int) -> int:
    """Copy the articles of one index into another, between any two engines.

    FROM is not changed and may have been built by another analyzer or in another format; TO is created if it does not
    exist. Articles that TO has already are skipped, so after an interruption the same command continues. Status 3 when
    TO refused some.
    """
    from index.build import migrate as migrate_articles
    from index.refused import keeping_refused
    from web.cli.reporting import IndexingLog, summary

    if not source or not target:
        raise click.UsageError("FROM and TO each name an index")
    warn_of_password(source, target)
    source, target = (completed_location(location, os.environ) for location in (source, target))
    log = IndexingLog(chosen_terminal(error=True), label="migrating")
    with log, keeping_refused(refused, log.report) as listener:
        report = migrate_articles(source, target, jobs=jobs, progress=log.progress, report=listener)
    log.close()
    tell(f"{redacted(target)}: {summary(report)}")
    return REFUSED if report.refused else 0


@index_group.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@index_option
def delete(ids: tuple[str, ...]) -> int:
    """Delete articles by id; status 1 when an id is not in the index."""
    from index.build import delete_articles

    missing = delete_articles(chosen_config().index, ids)
    for document_id in missing:
        tell(f"not in the index: {document_id}", error=True)
    click.echo(f"{len(set(ids)) - len(missing):,} deleted")
    return FAILED if missing else 0


@index_group.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@index_option
def status(as_json: bool) -> int:
    """Show the state of the index.

    The exit status is 0 for an index that can be searched, 4 when there is none, and 5 when an older Judhur built it
    (run `judhur index rebuild`).
    """
    from index.build import status as status_of

    try:
        found = status_of(chosen_config().index)
    except IndexMissingError as error:
        complain(error)
        return NO_INDEX
    except IndexMismatchError as error:
        complain(error)
        return OUTDATED
    values = dataclasses.asdict(found)
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False))
    else:
        for name, value in values.items():
            tell(f"{name:<12} {value}")
    return 0 if found.up_to_date else OUTDATED


@index_group.command()
@index_option
def verify() -> int:
    """Check that the index agrees with its articles and list the differences; status 1 when there are any."""
    from index.build import verify as problems_of

    location = chosen_config().index
    problems = problems_of(location)
    for problem in problems:
        complain(problem)
    if not problems:
        tell(f"{redacted(location)}: sound")
    return FAILED if problems else 0


@index_group.command()
@_jobs_option
@index_option
def rebuild(jobs: int) -> None:
    """Rebuild the index from its stored articles; searches use the old index until it is done."""
    from index.build import rebuild as rebuild_index
    from web.cli.reporting import IndexingLog

    location = chosen_config().index
    with IndexingLog(chosen_terminal(error=True), label="rebuilding") as log:
        report = rebuild_index(location, jobs=jobs, progress=log.progress)
    tell(f"{redacted(location)}: rebuilt from {report.added:,} articles in {report.seconds:.1f} s")


@index_group.command()
@_jobs_option
@index_option
def rollback(jobs: int) -> None:
    """Return to the index before the last rebuild, with later changes applied; only for an index on a cluster."""
    from index.build import roll_back
    from web.cli.reporting import IndexingLog

    location = chosen_config().index
    with IndexingLog(chosen_terminal(error=True), label="going back") as log:
        report = roll_back(location, jobs=jobs, progress=log.progress)
    tell(f"{redacted(location)}: back to the index before, {report.added:,} articles, in {report.seconds:.1f} s")


index_group.add_command(backup)
index_group.add_command(restore)
