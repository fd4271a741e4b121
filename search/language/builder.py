"""Builder: lexemes → tree, by recursive descent. OR binds closest, then NOT's word, then what stands side by side.

That OR comes before AND is the order of Nexis, Westlaw and Google, and what «وزير الخارجية أو الدفاع» means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from search.language.fields import FILTERS
from search.language.leaves import Leaves
from search.language.lexemes import Close, Lexeme, Open, Operator, Piece, Sign
from search.language.trees import Parts, all_of, any_of, negated, unique


class Builder:
    """Builds the tree of one query; the lexemes are balanced, and their operators decided."""

    def __init__(self, lexemes: Iterable[Lexeme], leaves: Leaves) -> None:
        self._rest = deque(lexemes)
        self._leaves = leaves

    def parts(self) -> Parts:
        """Return what stands side by side up to the next closing parenthesis, or to the end."""
        parts = Parts()
        required = False
        while self._rest and not isinstance(self._rest[0], Close):
            clause = self._alternatives()
            joined = self._take(Operator.AND)
            parts.add(clause, required=required or joined)
            required = joined
        parts.free = unique(parts.free)
        return parts

    def _take(self, operator: Operator) -> bool:
        """Take the next lexeme if it is this operator."""
        following = self._rest[0] if self._rest else None
        if isinstance(following, Piece) and following.operator is operator:
            self._rest.popleft()
            return True
        return False

    def _alternatives(self) -> Parts:
        operands = [self._operand()]
        while self._take(Operator.OR):
            operands.append(self._operand())
        asking = [operand for operand in operands if operand.nodes()]
        if len(asking) < 2:  # noqa: PLR2004 - one or none is no choice
            return asking[0] if asking else Parts()
        joined = any_of(all_of(operand.nodes()) for operand in asking)
        plain = all(len(operand.free) == 1 and not operand.must() for operand in asking)
        return Parts(free=[joined]) if plain else Parts(held=[joined])

    def _operand(self) -> Parts:
        if self._take(Operator.NOT):
            # who writes NOT and a minus means neither to lift the other
            once = not isinstance(self._rest[0], Close) and self._rest[0].sign is Sign.EXCLUDED
            return self._operand() if once else _excluded(self._operand())
        lexeme = self._rest.popleft()
        if isinstance(lexeme, Piece):
            return _signed(self._leaves.parts(lexeme), lexeme.sign)
        parts = self.parts()
        parts.grouped = True
        self._rest.popleft()
        if not isinstance(lexeme, Open):
            return parts
        if lexeme.field in FILTERS and parts.free:
            parts = Parts(held=[any_of(parts.free), *parts.must()], grouped=True)
        return _signed(parts, lexeme.sign)


def _signed(parts: Parts, sign: Sign) -> Parts:
    match sign:
        case Sign.EXCLUDED:
            return _excluded(parts)
        case Sign.REQUIRED:
            return Parts(held=parts.nodes())
        case Sign.NONE:
            return parts


def _excluded(parts: Parts) -> Parts:
    """Return the exclusion of what parentheses hold together, or of each word: of «-مدني/عسكري» neither may stand."""
    if parts.grouped and parts.nodes():
        return Parts(held=[negated(all_of(parts.nodes()))])
    return Parts(held=[negated(node) for node in parts.nodes()])
