"""The table of request parameters: what the page and the command line take from it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from index.schema import FacetField
from web.cli.search_command import search_command
from web.kinds import Parameters, Row
from web.parameters import SEARCH

TEMPLATES = Path(__file__).parents[2] / "web" / "page" / "templates"


def test_every_parameter_is_an_input_of_the_search_form_or_hidden_in_it() -> None:
    text = "".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.html"))
    inputs = {*re.findall(r'name="(\w+)"', text), *(field.value for field in FacetField)}

    assert {row.name for row in SEARCH if not row.hidden} - inputs == {"page", "fields", "extra", "stories"}
    assert {row.name for row in SEARCH if row.hidden} & inputs == set()


def test_every_parameter_but_the_query_is_an_option_of_the_command() -> None:
    options = {option.name: option for option in search_command.params if isinstance(option, click.Option)}
    rows = {row.name: row for row in SEARCH}

    assert rows.keys() - options.keys() == {"q", "stories"}
    assert all(options[name].help == row.doc for name, row in rows.items() if name in options)


@pytest.mark.parametrize("row", SEARCH, ids=lambda row: row.name)
def test_a_search_without_a_parameter_has_none_of_it_in_its_address(row: Row) -> None:
    assert list(row.texts(Parameters())) == []
