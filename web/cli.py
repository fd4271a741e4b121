"""The command `judhur` with all of its subcommands; they print, and call `index/` and `search/` for the work.

A command returns its exit status (None is 0): 0 success, 1 an error, 2 wrong usage, 3 refused articles (`index add`
with `--strict`, `index migrate` always), 4 and 5 only from `index status`, 130 after an interruption.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import click

from index.errors import IndexingError, IndexMismatchError, IndexMissingError, is_out_of_memory
from index.location import redacted
from index.schema import LADDER, FacetField
from search.errors import SearchError
from search.request import Sort
from web.cli_backup import backup, restore
from web.command import (
    FAILED,
    chosen_config,
    chosen_terminal,
    complain,
    index_option,
    rtl_option,
    tell,
    warn_of_password,
)
from web.config import MAX_PORT, MAX_PROCESSES, ConfigError

REFUSED = 3
NO_INDEX = 4
OUTDATED = 5
INTERRUPTED = 130
"""Status of a command ended by Ctrl-C: 128 + SIGINT, the convention of shells."""

_CHUNK = 1 << 16

_Command = TypeVar("_Command", bound=Callable[..., object])


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
    from index.parallel import processors  # as in `add`

    del context, parameter
    return value or processors()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="judhur", message="%(package)s %(version)s")
@index_option
@rtl_option
def judhur() -> None:
    """Search Arabic articles by words, by their other forms and by their roots."""


@judhur.group()
@index_option
def index() -> None:
    """Create and maintain an index."""


@index.command()
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
    from index.build import add_articles  # imported here: the readers of HTML and feeds are slow to import
    from index.refused import keeping_refused
    from web.reporting import IndexingLog, summary

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


@index.command()
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
    from index.build import migrate as migrate_articles  # as in `add`
    from index.refused import keeping_refused
    from web.reporting import IndexingLog, summary

    if not source or not target:
        raise click.UsageError("FROM and TO each name an index")
    warn_of_password(source, target)
    log = IndexingLog(chosen_terminal(error=True), label="migrating")
    with log, keeping_refused(refused, log.report) as listener:
        report = migrate_articles(source, target, jobs=jobs, progress=log.progress, report=listener)
    log.close()
    tell(f"{redacted(target)}: {summary(report)}")
    return REFUSED if report.refused else 0


@index.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@index_option
def delete(ids: tuple[str, ...]) -> int:
    """Delete articles by id; status 1 when an id is not in the index."""
    from index.build import delete_articles  # as in `add`

    missing = delete_articles(chosen_config().index, ids)
    for document_id in missing:
        tell(f"not in the index: {document_id}", error=True)
    click.echo(f"{len(set(ids)) - len(missing):,} deleted")
    return FAILED if missing else 0


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@index_option
def status(as_json: bool) -> int:
    """Show the state of the index.

    The exit status is 0 for an index that can be searched, 4 when there is none, and 5 when an older Judhur built it
    (run `judhur index rebuild`).
    """
    from index.build import status as status_of  # as in `add`

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


@index.command()
@index_option
def verify() -> int:
    """Check that the index agrees with its articles and list the differences; status 1 when there are any."""
    from index.build import verify as problems_of  # as in `add`

    location = chosen_config().index
    problems = problems_of(location)
    for problem in problems:
        complain(problem)
    if not problems:
        tell(f"{redacted(location)}: sound")
    return FAILED if problems else 0


@index.command()
@_jobs_option
@index_option
def rebuild(jobs: int) -> None:
    """Rebuild the index from its stored articles; searches use the old index until it is done."""
    from index.build import rebuild as rebuild_index  # as in `add`
    from web.reporting import IndexingLog

    location = chosen_config().index
    with IndexingLog(chosen_terminal(error=True), label="rebuilding") as log:
        report = rebuild_index(location, jobs=jobs, progress=log.progress)
    tell(f"{redacted(location)}: rebuilt from {report.added:,} articles in {report.seconds:.1f} s")


@index.command()
@_jobs_option
@index_option
def rollback(jobs: int) -> None:
    """Return to the index before the last rebuild, with later changes applied; only for an index on a cluster."""
    from index.build import roll_back  # as in `add`
    from web.reporting import IndexingLog

    location = chosen_config().index
    with IndexingLog(chosen_terminal(error=True), label="going back") as log:
        report = roll_back(location, jobs=jobs, progress=log.progress)
    tell(f"{redacted(location)}: back to the index before, {report.added:,} articles, in {report.seconds:.1f} s")


index.add_command(backup)
index.add_command(restore)


def _filter_options(command: _Command) -> _Command:
    command = click.option("--not-form", multiple=True, metavar="FORM", help="Words are not found as these.")(command)
    command = click.option("--form", multiple=True, metavar="FORM", help="A word is found as one of these.")(command)
    for field in reversed(FacetField):
        command = click.option(f"--not-{field.value}", multiple=True, metavar="VALUE", help="None of these.")(command)
        command = click.option(f"--{field.value}", multiple=True, metavar="VALUE", help="One of these ('-': unknown).")(
            command
        )
    return command


@judhur.command()
@click.argument("query", nargs=-1, metavar="QUERY...")
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the API.")
@click.option("--match", type=click.Choice([level.value for level in LADDER]), help="The widest level of match.")
@click.option("--variants/--no-variants", default=None, help="Whether other spellings of foreign names count.")
@_filter_options
@click.option("--from", "from_", metavar="DAY", help="From this day, month or year on (2024-03-01, 2024-03, 2024).")
@click.option("--to", metavar="DAY", help="Up to this day, month or year.")
@click.option("--date", type=click.Choice(["unknown"]), help="Articles without a date.")
@click.option("--sort", type=click.Choice([sort.value for sort in Sort]), help="Order of the results.")
@click.option("--boost", type=click.Choice(["recency"]), help="Let newer articles gain.")
@click.option("--second-try/--no-second-try", default=None, help="Whether close spellings are tried when nothing fits.")
@click.option("--page", metavar="N", help="Page of the results.")
@click.option("--per-page", metavar="N", help="Results on a page, 1 to 100.")
@click.option("--extra", multiple=True, metavar="KEY", help="More in the JSON: evidence, explain, positions.")
@index_option
@rtl_option
def search(query: tuple[str, ...], as_json: bool, **options: str | bool | tuple[str, ...] | None) -> None:
    """Search. Without words, list every article that the filters select, newest first."""
    from index.analysis.installed import load_analyzer  # imported here: all of these are slow to import
    from search.engines import open_engine
    from search.service import SearchService
    from web import payload
    from web.arguments import ParameterError
    from web.params import parse
    from web.printing import search_lines

    config = chosen_config()
    try:
        parameters = parse(_query_string(query, options), config.names)
    except ParameterError as error:
        raise click.UsageError(f"{error} ({error.detail})") from error
    with contextlib.closing(open_engine(config.index)) as engine:
        service = SearchService(engine, load_analyzer(), zone=config.zone, labels=config.source_names)
        answer = payload.search_answer(service.search(parameters.request), parameters, config)
    if as_json:
        sys.stdout.buffer.write(payload.encode(answer))
        return
    terminal = chosen_terminal()
    for line in search_lines(answer, config, terminal):
        click.echo(line)
    if terminal.hint:
        click.echo(terminal.hint, err=True)


def _query_string(query: tuple[str, ...], options: dict[str, str | bool | tuple[str, ...] | None]) -> str:
    """Return the query string of the API for the same search."""
    pairs = [("q", " ".join(query))]
    for name, value in options.items():
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        pairs += [(name.rstrip("_"), str(int(one)) if isinstance(one, bool) else one) for one in values]
    return urlencode(pairs)


@judhur.command()
@click.argument("words", nargs=-1, metavar="WORD...")
@click.option("--jsonl", is_flag=True, help="One JSON object a line, in the order of the words.")
@rtl_option
def analyze(words: tuple[str, ...], jsonl: bool) -> None:
    """Show the analysis of each word, step by step, and its readings. A WORD may be a whole sentence.

    Without words it reads standard input, one word per line; with --jsonl it prints one line for each line read.
    """
    from index.analysis.installed import load_analyzer  # as in `search`
    from web.words import WordLines, tokens_in
    from web.wordtable import text_lines

    analyzer = load_analyzer()
    gc.freeze()  # the lexicon is never freed; collecting it repeatedly would take a third of the running time
    if jsonl:
        spelled = [token.encode() for word in words for token in tokens_in(word, analyzer)]
        answers = WordLines(analyzer)
        _answer(iter([spelled]) if words else _typed_lines(), answers.line)
        return
    terminal = chosen_terminal()

    def table(line: bytes) -> bytes:
        return "".join(f"{row}\n" for row in text_lines(line.decode(), analyzer, terminal)).encode(
            errors="backslashreplace"
        )

    _answer(iter([[word.encode() for word in words]]) if words else _typed_lines(), table)


def _answer(batches: Iterator[list[bytes]], answer: Callable[[bytes], bytes]) -> None:
    """Write the answer to each line, batch by batch.

    A batch holds the lines that one read returned: a program that writes a word and waits gets its answer at once.

    Raises:
        click.ClickException: a line is not UTF-8.
    """
    out = sys.stdout.buffer
    number = 1
    for lines in batches:
        answers: list[bytes] = []
        try:
            answers.extend(map(answer, lines))
        except UnicodeDecodeError as error:
            faulty = number + len(answers)
            raise click.ClickException(
                f"line {faulty} of standard input is not UTF-8: {error.object[:40]!r}"
            ) from error
        finally:  # the answers to the lines before a bad one are written too
            out.write(b"".join(answers))
            out.flush()
        number += len(lines)


def _typed_lines() -> Iterator[list[bytes]]:
    """Yield the complete lines of standard input after each read of it, without line ends."""
    stream = sys.stdin.buffer
    rest = b""
    while chunk := os.read(stream.fileno(), _CHUNK):
        *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        yield lines
    if rest:
        yield [rest.removesuffix(b"\r")]


@judhur.command()
@click.option(
    "--port", type=click.IntRange(1, MAX_PORT), metavar="N", help="Port to listen on (default: JUDHUR_PORT, else 8000)."
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on (default: JUDHUR_HOST, else 127.0.0.1).")
@click.option(
    "--processes",
    type=click.IntRange(1, MAX_PROCESSES),
    metavar="N",
    help="Processes that answer (default: JUDHUR_PROCESSES, else 1).",
)
@index_option
def serve(**options: str | int | None) -> int:
    """Serve the page and the JSON API."""
    from web.serve import ServeError  # imported here: the server and Flask are slow to import
    from web.serve import run as run_server

    if os.geteuid() == 0:
        complain(
            "warning: the server runs as root; give it a user of its own, who may read the index "
            "(docs/how-to/run-as-a-service.md)"
        )
    given = {f"JUDHUR_{name.upper()}": str(value) for name, value in options.items() if value is not None}
    try:
        run_server(chosen_config(given))
    except ServeError as error:
        complain(error)
        return FAILED
    return 0
