"""What the commands of the command line share: the options of place and direction, the settings, the messages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

import click

from index.location import has_password
from web.cli.terminal import Terminal, detect, printable
from web.config import Config, Rtl, order_of_letters

FAILED = 1
"""Status of a command that met an error."""
REFUSED = 3
NO_INDEX = 4
OUTDATED = 5
INTERRUPTED = 130
"""Status of a command ended by Ctrl-C: 128 + SIGINT, the convention of shells."""

_Command = TypeVar("_Command", bound=Callable[..., object])


def index_option(command: _Command) -> _Command:
    """Add `--index`, which `chosen_config` reads."""
    return click.option(
        "--index",
        metavar="PLACE",
        expose_value=False,
        callback=_remember,
        help="Folder of the index (default: JUDHUR_INDEX, else var/index).",
    )(command)


def rtl_option(command: _Command) -> _Command:
    """Add `--rtl`, which `chosen_terminal` reads."""
    return click.option(
        "--rtl",
        type=click.Choice([choice.value for choice in Rtl]),
        expose_value=False,
        callback=_remember,
        help="Order of Arabic letters: as the terminal does it (auto), logical, or visual.",
    )(command)


def chosen_config(given: Mapping[str, str] | None = None) -> Config:
    """Return the settings; the options of the command line and `given` override the environment."""
    place = click.get_current_context().meta.get("judhur.index")
    if place == "":
        raise click.UsageError("--index names no folder")
    warn_of_password(place or "")
    chosen = {"JUDHUR_INDEX": place} if place else {}
    return Config.from_environment({**os.environ, **chosen, **(given or {})})


def warn_of_password(*locations: str) -> None:
    """Print a warning if a location of the command line has a password."""
    if any(map(has_password, locations)):
        complain(
            "warning: everybody on this machine can see the password of the command line (ps); set "
            "JUDHUR_OPENSEARCH_USER and JUDHUR_OPENSEARCH_PASSWORD, or JUDHUR_INDEX, instead"
        )


def chosen_terminal(*, error: bool = False) -> Terminal:
    """Return the terminal on standard output, or on standard error."""
    stream = sys.stderr if error else sys.stdout
    option = Rtl(click.get_current_context().meta.get("judhur.rtl", Rtl.AUTO))
    rtl = order_of_letters(option, os.environ)
    return detect(rtl, os.environ, tty=stream.isatty(), width=shutil.get_terminal_size().columns)


def complain(message: object) -> None:
    """Print an error or a warning."""
    tell(f"judhur: {message}", error=True)


def tell(line: str, *, error: bool = False) -> None:
    """Print a line without what a terminal would execute: it may quote an id, a path or a text."""
    click.echo(printable(line), err=error)


def _remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[f"judhur.{parameter.name}"] = value
