"""Builds the tree from the lexemes, by recursive descent. NOT binds one operand, then OR, then AND (also implicit).

OR binds more tightly than AND in Nexis, Westlaw and Google too, and «وزير الخارجية أو الدفاع» means it so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from search.language.fields import FILTERS
from search.language.leaves import Leaves
from search.language.lexemes import Close, Lexeme, Open, Operator, Piece, Sign
from search.language.trees import Clauses, all_of, any_of, negated, unique


class Builder:
    """Builds the tree of one query; its lexemes must be balanced, and their operators resolved."""

    def __init__(self, lexemes: Iterable[Lexeme], leaves: Leaves) -> None:
        self._rest = deque(lexemes)
        self._leaves = leaves

    def clauses(self) -> Clauses:
        """Return the clauses up to the next closing parenthesis, or to the end of the query."""
        clauses = Clauses()
        required = False
        while self._rest and not isinstance(self._rest[0], Close):
            alternatives = self._alternatives()
            before_and = self._take(Operator.AND)
            clauses.add(alternatives, required=required or before_and)
            required = before_and
        clauses.optional = unique(clauses.optional)
        return clauses

    def _take(self, operator: Operator) -> bool:
        """Consume the next lexeme if it is this operator; return whether it was."""
        following = self._rest[0] if self._rest else None
        if isinstance(following, Piece) and following.operator is operator:
            self._rest.popleft()
            return True
        return False

    def _alternatives(self) -> Clauses:
        """Consume one or more operands joined by OR."""
        operands = [self._operand()]
        while self._take(Operator.OR):
            operands.append(self._operand())
        nonempty = [operand for operand in operands if operand.nodes()]
        if len(nonempty) < 2:  # noqa: PLR2004 - no alternatives remain
            return nonempty[0] if nonempty else Clauses()
        disjunction = any_of(all_of(operand.nodes()) for operand in nonempty)
        optional = all(len(operand.optional) == 1 and not operand.must() for operand in nonempty)
        return Clauses(optional=[disjunction]) if optional else Clauses(required=[disjunction])

    def _operand(self) -> Clauses:
        """Consume a piece, or an expression in parentheses, with its NOT or sign."""
        if self._take(Operator.NOT):
            # NOT before a minus excludes once: a double negation is never intended
            once = not isinstance(self._rest[0], Close) and self._rest[0].sign is Sign.EXCLUDED
            return self._operand() if once else _excluded(self._operand())
        lexeme = self._rest.popleft()
        if isinstance(lexeme, Piece):
            return _signed(self._leaves.clauses(lexeme), lexeme.sign)
        clauses = self.clauses()
        clauses.grouped = True
        self._rest.popleft()
        if not isinstance(lexeme, Open):
            return clauses
        if lexeme.field in FILTERS and clauses.optional:
            clauses = Clauses(required=[any_of(clauses.optional), *clauses.must()], grouped=True)
        return _signed(clauses, lexeme.sign)


def _signed(clauses: Clauses, sign: Sign) -> Clauses:
    match sign:
        case Sign.EXCLUDED:
            return _excluded(clauses)
        case Sign.REQUIRED:
            return Clauses(required=clauses.nodes())
        case Sign.NONE:
            return clauses


def _excluded(clauses: Clauses) -> Clauses:
    """Return the exclusion of an expression in parentheses as a whole, or of each word: «-مدني/عسكري» excludes both."""
    if clauses.grouped and clauses.nodes():
        return Clauses(required=[negated(all_of(clauses.nodes()))])
    return Clauses(required=[negated(node) for node in clauses.nodes()])
