"""Templates escape what they write as Jinja's own code does, and refuse what an object does not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from index.schema import Level
from tests.web import samples
from web.app import create_app
from web.config import Config
from web.escaping import escaped

SPECIAL = st.lists(st.sampled_from([*"&<>'\"", "&lt;", "وزير", "\u202e", "\U0001f600", "\n"])).map("".join)


@given(text=SPECIAL | st.text())
def test_text_is_escaped_as_markupsafe_escapes_it(text: str) -> None:
    assert escaped(text) == str(escape(text))
    assert escaped(escape(text)) == str(escape(text))


@pytest.mark.parametrize("value", [0, 7, None, True, 1.5, Level.EXACT, Markup("<b>'</b>"), ["<"], ("'",)])
def test_other_values_are_escaped_as_markupsafe_escapes_them(value: object) -> None:
    assert escaped(value) == str(escape(value))


def test_a_template_escapes_text_and_leaves_markup() -> None:
    app = create_app(samples.Service(), Config())
    source = "{% macro row(x) %}<i a='{{ x.value }}'>{{ x.value | upper }}</i>{% endmacro %}{{ row(x) }}{{ bold }}"
    written = app.jinja_env.from_string(source)

    class Row:
        value = "<b>&'\""

    assert written.render(x=Row(), bold=Markup("<b>")) == (
        "<i a='&lt;b&gt;&amp;&#39;&#34;'>&lt;B&gt;&amp;&#39;&#34;</i><b>"
    )


def test_an_unknown_attribute_is_an_error() -> None:
    app = create_app(samples.Service(), Config())
    with pytest.raises(AttributeError, match="titel"):
        app.jinja_env.from_string("{{ view.titel }}").render(view=object())
