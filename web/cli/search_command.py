"""The command `judhur search`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

import click

from index.schema import LADDER, FacetField
from search.request import Sort
from web.cli.command import chosen_config, chosen_terminal, index_option, rtl_option

_Command = TypeVar("_Command", bound=Callable[..., object])


def _filter_options(command: _Command) -> _Command:
    command = click.option("--not-form", multiple=True, metavar="FORM", help="Words are not found as these.")(command)
    command = click.option("--form", multiple=True, metavar="FORM", help="A word is found as one of these.")(command)
    for field in reversed(FacetField):
        command = click.option(f"--not-{field.value}", multiple=True, metavar="VALUE", help="None of these.")(command)
        command = click.option(f"--{field.value}", multiple=True, metavar="VALUE", help="One of these ('-': unknown).")(
            command
        )
    return command


@click.command("search")
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
def search_command(query: tuple[str, ...], as_json: bool, **options: str | bool | tuple[str, ...] | None) -> None:
    """Search. Without words, list every article that the filters select, newest first."""
    from index.analysis.pipeline import load_analyzer
    from search.engines import open_engine
    from search.service import SearchService
    from web.api import payload
    from web.arguments import ParameterError
    from web.bidi import json_answer
    from web.cli.printing import search_lines
    from web.params import parse

    config = chosen_config()
    try:
        parameters = parse(_query_string(query, options), config.names)
    except ParameterError as error:
        raise click.UsageError(f"{error} ({error.detail})") from error
    with contextlib.closing(open_engine(config.index)) as engine:
        service = SearchService(engine, load_analyzer(), zone=config.zone, labels=config.source_names)
        answer = payload.search_answer(service.search(parameters.request), parameters, config)
    if as_json:
        sys.stdout.buffer.write(json_answer(answer))
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
