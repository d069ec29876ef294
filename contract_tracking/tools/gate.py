"""What the gate talks about: a step that a contract is about to take, and what speaks
against it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

# What a contract passes on its way.
CHECKPOINTS = [
    ("order", "Confirmation of the order"),
    ("supply", "Supply"),
    ("delivery", "Delivery"),
    ("documents", "Release of the documents"),
]


class Reason(NamedTuple):
    """What speaks against a step: ``action`` is warn or hold, ``text`` a whole sentence
    in the user's language, ``amount`` what is missing, in the order's currency."""

    code: str
    action: str
    text: str
    amount: float = 0.0


@dataclass(eq=False)
class Step:
    """A step of one contract: as a whole, or of some stock moves.

    ``done`` says that the facts count it already. What nobody asks for is not read.
    """

    order: Any
    checkpoint: str
    pickings: Any = ()
    moves: Any = ()
    done: bool = False
    # an earlier step of several: whatever stands ready waits for the same money
    ready: Any = None
    # the figures of the contract, once they are read
    row: dict = field(default_factory=dict)

    @cached_property
    def lines(self):
        """Quantities of order lines, in their units."""
        if self.moves:
            return self.moves._contract_gate_lines()
        lines = self.order.order_line
        return {
            line: line.product_uom_qty for line in lines if line._contract_is_promise()
        }

    @cached_property
    def beyond(self):
        """Quantities of order lines without a price beyond what was agreed."""
        if not self.moves or self.ready:
            return {}
        found = {}
        for line, quantity in self.lines.items():
            if quantity <= 0 or line._contract_gate_price():
                continue
            more = line.qty_delivered - line.product_uom_qty
            more = min(quantity, more if self.done else more + quantity)
            if line.product_uom_id.compare(more, 0) > 0:
                found[line] = more
        return found

    @cached_property
    def amount(self):
        """What the goods are worth with taxes, in the order's currency."""
        if self.moves:
            return (self.ready or self.moves)._contract_gate_value()
        return self.order.amount_total
