"""People: authors and co-authors of commits, and which of them are here for the first time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notewright.history.commits import Commit

_CO_AUTHOR = re.compile(r"^co-authored-by:([^<>\n]*)<([^<>\s]{1,320})>[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_BOT = re.compile(r".*(?:\[bot\]|[-_ ]bot)", re.IGNORECASE | re.DOTALL)
# the addresses that GitHub gives to people who hide theirs: number+login@, and without a number before 2017
_HIDDEN = re.compile(r"(?:\d{1,12}\+)?([a-z0-9-]+(?:\[bot\])?)@users\.noreply\.github\.com")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone as a commit names them; `login` is the account that GitHub knows behind the name, "" if none is known."""

    name: str
    email: str
    login: str = ""

    @property
    def is_bot(self) -> bool:
        """Whether the name or account is one of a program, by the marks that they carry."""
        local = self.email.lower().partition("@")[0]
        return any(_BOT.fullmatch(word) for word in (self.name, self.login, local) if word)

    def marks(self) -> frozenset[tuple[str, str]]:
        """Return by what this person is known again: name, address and login, as far as there is one."""
        email = self.email.lower()
        hidden = _HIDDEN.fullmatch(email)
        login = self.login.lower() or (hidden[1] if hidden else "")
        return frozenset((kind, word) for kind, word in (("name", self.name), ("email", email), ("login", login)) if word)


def people_of(commit: Commit) -> Iterator[Person]:
    """Yield the author, and then the co-authors that the message names with an address. Linear in the message."""
    yield Person(commit.author, commit.email)
    if "co-authored-by:" in commit.message.lower():  # as good as always false, and much faster than the pattern
        for name, email in _CO_AUTHOR.findall(commit.message):
            yield Person(name.strip(), email)


def find_newcomers(
    commits: Sequence[Commit],
    earlier: Iterable[Commit],
    logins: Mapping[str, str],
    *,
    find_known: Callable[[Sequence[str]], frozenset[str]] = lambda _: frozenset(),
) -> frozenset[str]:
    """Return the names of people in `commits` (newest first) who have no part in an earlier commit, one name for each person.

    `logins` maps names to GitHub's accounts. A name, an address or a login in common makes two the same person, also by way of a third.
    `find_known` is asked once, with the logins of those who seem new, and returns the logins of those who are not. Bots are nobody new.
    """
    people = list(dict.fromkeys(_with_login(person, logins) for commit in reversed(commits) for person in people_of(commit)))
    groups = _join([person.marks() for person in people])
    known = {mark for commit in earlier for person in people_of(commit) for mark in person.marks()}
    fresh = [[people[place] for place in group] for group in groups if not any(known & people[place].marks() for place in group)]
    fresh = [group for group in fresh if not any(person.is_bot for person in group)]
    asked = sorted({person.login for group in fresh for person in group if person.login})
    told = find_known(asked) if asked else frozenset()
    greeted = (next((one.name for one in group if one.name.strip()), "") for group in fresh if not any(one.login in told for one in group))
    return frozenset(name for name in greeted if name)


def _with_login(person: Person, logins: Mapping[str, str]) -> Person:
    return Person(person.name, person.email, logins.get(person.name, ""))


def _join(marks: Sequence[frozenset[tuple[str, str]]]) -> list[list[int]]:
    """Return the positions that belong together because they share marks, in order of their first."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, own in enumerate(marks):
        for mark in own:
            places.setdefault(mark, []).append(place)
    groups: list[list[int]] = []
    seen = bytearray(len(marks))
    for start in range(len(marks)):
        stack, group = [start], []
        while stack:
            place = stack.pop()
            if not seen[place]:
                seen[place] = True
                group.append(place)
                # each mark's list is followed once: afterwards it has nothing new to tell
                stack += [other for mark in marks[place] for other in places.pop(mark, ())]
        if group:
            groups.append(sorted(group))
    return groups
