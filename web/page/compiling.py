"""How templates become Python: a page has thousands of values, so each is read and escaped without detours.

Jinja asks for an attribute and else for an item of that name, and makes an object of every escaped text. These
templates read attributes, an unknown one is an error, and what they write stays text.
"""

from __future__ import annotations

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from web.escaping import escaped


class _Code(CodeGenerator):
    """Writes the code of templates."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - called by the name of the node
        """Write the access to an attribute."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")


class Templates(Environment):
    """The environment of the templates."""

    code_generator_class = _Code
    escaped = staticmethod(escaped)
