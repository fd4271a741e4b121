"""The command `judhur search`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import urlencode

import click

from web.arguments import Arguments, ParameterError, check_length
from web.cli.command import chosen_config, chosen_terminal, index_option, rtl_option
from web.kinds import Choice, Row, Switch
from web.parameters import SEARCH, Q

_Command = TypeVar("_Command", bound=Callable[..., object])
_Value = str | bool | tuple[str, ...] | None


def _parameter_options(command: _Command) -> _Command:
    for row in reversed(SEARCH):
        if row.option:
            command = _option(row)(command)
    return command


def _option(row: Row) -> Callable[[_Command], _Command]:
    name = row.name.replace("_", "-")
    match row:
        case Switch():
            return click.option(f"--{name}/--no-{name}", row.name, default=None, help=row.doc)
        case Choice():
            return click.option(f"--{name}", row.name, type=click.Choice(list(row.choices)), help=row.doc)
        case _:
            return click.option(f"--{name}", row.name, multiple=row.several, metavar=row.metavar, help=row.doc)


@click.command("search")
@click.argument("query", nargs=-1, metavar="QUERY...")
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the API.")
@_parameter_options
@index_option
@rtl_option
def search_command(query: tuple[str, ...], as_json: bool, **options: _Value) -> None:
    """Search. Without words, list every article that the filters select, newest first."""
    from index.analysis.installed import load_analyzer
    from search.engines import open_engine
    from search.service import SearchService
    from web.api.payload import search_answer
    from web.bidi import json_answer
    from web.cli.printing import search_lines
    from web.links import API_SEARCH, Links
    from web.parsing import parameters_of

    config, given = chosen_config(), list(_given(query, options))
    try:
        parameters = parameters_of(Arguments(given), config.names)
        check_length(urlencode(given))  # as in the API: each address in the JSON repeats the arguments
    except ParameterError as error:
        raise click.UsageError(f"{error} ({error.detail})") from error
    with contextlib.closing(open_engine(config.index)) as engine:
        service = SearchService(engine, load_analyzer(), zone=config.zone, labels=config.names.by_id)
        result = service.search((parameters if as_json else parameters.for_readers()).request)
    if as_json:
        sys.stdout.buffer.write(json_answer(search_answer(result, Links(API_SEARCH, parameters), config)))
        return
    terminal = chosen_terminal()
    for line in search_lines(result, config, terminal):
        click.echo(line)
    if terminal.hint:
        click.echo(terminal.hint, err=True)


def _given(query: tuple[str, ...], options: dict[str, _Value]) -> Iterator[tuple[str, str]]:
    """Yield the arguments of the same request to the API."""
    yield Q.name, " ".join(query)
    for name, value in options.items():
        match value:
            case bool():
                yield name, str(int(value))
            case str():
                yield name, value
            case tuple():
                yield from ((name, one) for one in value)
