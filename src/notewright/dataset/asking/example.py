"""A made-up passage that shows the prompts of datasets at work."""

from __future__ import annotations

from notewright.dataset.passage import PassageText

QUESTION = "What does `Ledger.post` do with an entry that is out of balance?"
ANSWER = "`Ledger.post` raises `OutOfBalance` with the difference, and the ledger keeps what it had."
FAULT = "It uses `rollback`, which the passage does not have: leave it out, or use the passage's own names and values."

_HEADER = "from decimal import Decimal\n\nclass Ledger:"
_TEXT = '''\
    def post(self, entry: Entry) -> None:
        """Add an entry to the ledger. Raises `OutOfBalance` where its lines do not add up to 0."""
        difference = sum((line.amount for line in entry.lines), Decimal())
        if difference:
            raise OutOfBalance(difference)
        self.entries.append(entry)
        for line in entry.lines:
            self.balances[line.account] += line.amount
'''


def example_passage() -> PassageText:
    """Return a passage of nobody's."""
    return PassageText("", _TEXT, _HEADER, "python", "src/books/ledger.py")
