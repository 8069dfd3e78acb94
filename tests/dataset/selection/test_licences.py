"""A licence is read strictly: what a file says of itself, else what its folder and its repository say, all of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identify.vendor.licenses import LICENSES

from notewright.dataset.licences import UNREADABLE, Allowed, all_of, expression, licence_of
from notewright.dataset.repository_licences import find_licences, speaks_of_licences
from tests.parts.cost import assert_in_proportion

_TEXTS = dict(LICENSES)
_DEFAULT = ("MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC")
GPL2 = """This program is free software; you can redistribute it and/or modify it under the terms of the GNU General Public License
as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later version.
You should have received a copy of the GNU General Public License along with this program; if not, write to the Free Software
Foundation, Inc., 51 Franklin Street, Fifth Floor, Boston, MA 02110-1301 USA."""
GPL2_ONLY = GPL2.replace("either version 2 of the License, or (at your option) any later version.", "version 2.")
_BSD3 = _TEXTS["BSD-3-Clause"]
HEADERS = [
    (GPL2, "GPL-2.0-or-later"),
    (GPL2_ONLY, "GPL-2.0-only"),
    (GPL2.replace("GNU General", "GNU Lesser General").replace("version 2 of", "version 2.1 of"), "LGPL-2.1-or-later"),
    (GPL2.replace("GNU General", "GNU Affero General").replace("version 2 of", "version 3 of"), "AGPL-3.0-or-later"),
    (GPL2.replace("GNU General", "GNU Library General"), "LGPL-2.0-or-later"),
    ("You should have received a copy of the GNU General Public License.", "GPL-1.0-or-later"),
    ("Licensed under the GPLv3.", "GPL-3.0-only"),
    ("Released under the GPL v2 or later.", "GPL-2.0-or-later"),
    ("Distributed under the terms of the LGPL 2.1+", "LGPL-2.1-or-later"),
    ("License: GPL", "GPL-1.0-or-later"),
    ("Dual licensed under the MIT and GPL licenses:\nhttp://www.gnu.org/licenses/gpl.html", "GPL-1.0-or-later AND MIT"),
    ("This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was not", "MPL-2.0"),
    ('Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance', "Apache-2.0"),
    ("Licensed under the Apache License, Version 2.0 <LICENSE-APACHE> or the MIT license <LICENSE-MIT>.", "Apache-2.0 AND MIT"),
    ("Licensed under MIT", "MIT"),
    ("@license MIT", "MIT"),
    ("Released under the MIT license\nhttps://opensource.org/licenses/MIT", "MIT"),
    (_TEXTS["MIT"], "MIT"),
    (_TEXTS["ISC"], "ISC"),
    (_TEXTS["0BSD"], "0BSD"),
    (_TEXTS["BSD-2-Clause"], "BSD-2-Clause"),
    (_BSD3, "BSD-3-Clause"),
    (_BSD3 + "\nAll advertising materials mentioning features must display", "BSD-4-Clause"),
    (_TEXTS["Zlib"], "Zlib"),
    (_TEXTS["Unlicense"], "Unlicense"),
    ("Distributed under the Boost Software License, Version 1.0.", "BSL-1.0"),
    ("available under the terms of the Eclipse Public License 2.0", "EPL-2.0"),
    ("Use of this software is governed by the Business Source License included", "BUSL-1.1"),
    ("under the Server Side Public License, version 1", "SSPL-1.0"),
    ("Licensed under the Elastic License 2.0", "Elastic-2.0"),
    ("The Commons Clause applies: you may not sell", "LicenseRef-Commons-Clause"),
    ("licensed under Creative Commons Attribution-NonCommercial-ShareAlike 4.0", "CC-BY-NC-SA-4.0"),
    ("licensed under CC BY-SA 4.0", "CC-BY-SA-4.0"),
    ("The Software shall be used for Good, not Evil. Permission is hereby", "JSON"),
    ("Proprietary and confidential. Unauthorized copying of this file is prohibited.", "LicenseRef-Proprietary"),
    ("This file may be used for non-commercial purposes only, by licence.", "LicenseRef-NonCommercial"),
    ("This code is in the public domain.", "LicenseRef-Public-Domain"),
    ("SPDX-License-Identifier: MIT", "MIT"),
    ("SPDX-License-Identifier: (mit or apache-2.0)", "MIT OR Apache-2.0"),
    ("SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note", "GPL-2.0 WITH Linux-syscall-note"),
    ("SPDX-License-Identifier: MIT\nSPDX-License-Identifier: GPL-3.0-only", "GPL-3.0-only AND MIT"),
    ("SPDX-License-Identifier: MIT OR", UNREADABLE),
    ("SPDX-License-Identifier: My-Own", UNREADABLE),
    ("SPDX-License-Identifier: MIT, GPL-2.0", UNREADABLE),
    ("SPDX-License-Identifier: " + "(" * 250 + "MIT" + ")" * 250, UNREADABLE),
    ("SPDX-License-Identifier: LicenseRef-Ours", "LicenseRef-Ours"),
]  # fmt: skip
_COMMENTS = {
    "hash": lambda text: "".join(f"# {line}\n" for line in text.splitlines()),
    "slashes": lambda text: "".join(f"// {line}\n" for line in text.splitlines()),
    "block": lambda text: "/*\n" + "".join(f" * {line}\n" for line in text.splitlines()) + " */\n",
    "docstring": lambda text: f'"""A module.\n\n{text}\n"""\n',
}


@pytest.mark.parametrize("comment", _COMMENTS.values(), ids=_COMMENTS)
@pytest.mark.parametrize(("words", "licence"), HEADERS, ids=[f"{number}-{licence}"[:60] for number, (_, licence) in enumerate(HEADERS)])
def test_what_a_file_says_of_its_licence_is_read(words: str, licence: str, comment: object) -> None:
    assert callable(comment)
    assert licence_of(f"{comment(words)}\nimport this\n") == licence


@pytest.mark.parametrize(
    "text",
    [
        "import this",
        "Use of this source code is governed by a BSD-style license that can be found in the LICENSE file.",
        "See LICENSE for details.",
        "compatible with the GNU General Public License",
        "permission = ask_for_permission()",
        "license_path = 'LICENSE'",
        "Copyright (c) 2020 Someone. All rights reserved.",
        "commercial or non-commercial, by any licence",
        "emit(licence)  # transmit under load",
    ],
)
def test_what_grants_nothing_says_nothing(text: str) -> None:
    assert licence_of(text) == ""


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND Apache-2.0", True),
        ("(MIT OR GPL-2.0-only) AND BSD-3-Clause", True),
        ("(MIT OR GPL-2.0-only) AND LGPL-2.1-only", False),
        ("MIT AND (GPL-2.0-only OR (Apache-2.0 AND ISC))", True),
        ("GPL-2.0-only OR MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only AND MIT OR ISC", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("GPL-2.0 WITH Linux-syscall-note OR BSD-3-Clause", True),
        ("Apache-2.0+", True),
        ("0BSD", False),
        ("LicenseRef-Proprietary", False),
        (UNREADABLE, False),
    ],
)
def test_or_needs_one_and_and_needs_all(licence: str, *, allowed: bool) -> None:
    assert Allowed(_DEFAULT, unknown=False).admits(licence) is allowed
    assert Allowed([name.lower() for name in _DEFAULT], unknown=False).admits(licence) is allowed


@pytest.mark.parametrize(
    ("wanted", "licence", "allowed"),
    [
        ("GPL-2.0-only", "GPL-2.0-or-later", True),
        ("GPL-2.0", "GPL-2.0-only", True),
        ("GPL-2.0-or-later", "GPL-2.0-or-later", True),
        ("GPL-2.0-or-later", "GPL-2.0-only", False),
        ("GPL-3.0-only", "GPL-2.0+", False),
        ("GPL-2.0-only", "GPL-2.0+", True),
        ("GPL-2.0-only", "GPL-2.0", True),
        ("LicenseRef-Ours", "LicenseRef-Ours", True),
    ],
)
def test_a_later_version_may_be_taken_where_the_licence_says_so(wanted: str, licence: str, *, allowed: bool) -> None:
    assert Allowed([wanted], unknown=False).admits(licence) is allowed


def test_what_says_no_licence_is_a_rule_of_its_own() -> None:
    assert Allowed(_DEFAULT, unknown=True).admits("")
    assert not Allowed(_DEFAULT, unknown=False).admits("")
    assert Allowed((), unknown=False).admits("GPL-3.0-only")  # no list: every licence


_IDS = st.sampled_from(["MIT", "ISC", "GPL-3.0-only", "Zlib", "Apache-2.0 WITH LLVM-exception"])
_EXPRESSIONS = st.recursive(
    _IDS,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
    max_leaves=8,
)


@given(_EXPRESSIONS)
def test_any_expression_is_judged_as_logic_would(text: str) -> None:
    allowed = {"MIT": True, "ISC": True, "GPL-3.0-only": False, "Zlib": False, "Apache-2.0 WITH LLVM-exception": False}
    logic = text.replace("AND", "and").replace("OR", "or")
    for name, value in allowed.items():
        logic = logic.replace(name, str(value))
    canonical = expression(text)
    assert canonical is not None
    assert Allowed(["MIT", "ISC"], unknown=False).admits(canonical) is eval(logic)


@given(st.text(alphabet="MITORANDWITHGPL()-+.0123 ", max_size=60))
def test_no_text_breaks_the_reading_of_expressions(text: str) -> None:
    canonical = expression(text)
    if canonical is not None:
        Allowed(["MIT"], unknown=False).admits(canonical)


def test_what_is_said_twice_is_said_once_and_alternatives_stay_together() -> None:
    assert all_of(["MIT", "Apache-2.0 OR MIT", "MIT"]) == "(Apache-2.0 OR MIT) AND MIT"
    assert all_of([]) == ""


@pytest.mark.parametrize(("name", "text"), LICENSES, ids=[name for name, _ in LICENSES])
def test_the_text_of_every_licence_is_told_from_all_others(name: str, text: str) -> None:
    known = name + ("-only" if name.startswith(("GPL", "LGPL", "AGPL")) else "")
    assert find_licences({b"LICENSE": text.encode()}) == {"": known}
    shouted = "The Project\n\nCopyright 2020-2024 The Authors\n\n" + "\n".join(f"   {line}" for line in text.upper().splitlines())
    assert find_licences({b"COPYING.txt": shouted.encode()}) == {"": known}


_MIT, _APACHE, _GPL = _TEXTS["MIT"].encode(), _TEXTS["Apache-2.0"].encode(), _TEXTS["GPL-3.0"].encode()


@pytest.mark.parametrize(
    ("files", "licences"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({b"LICENSE-MIT": _MIT, b"LICENSE-APACHE": _APACHE}, {"": "Apache-2.0 AND MIT"}, id="several files hold together"),
        pytest.param({b"LICENSE": _MIT + b"\n\n" + _GPL}, {"": "GPL-3.0-only AND MIT"}, id="two texts in one file"),
        pytest.param(
            {b"LICENSE": _MIT + b"\nThe folder x is licensed under the GPLv2."}, {"": "GPL-2.0-only AND MIT"}, id="a text and words"
        ),
        pytest.param(
            {b"LICENSE": _MIT + b'\n"Commons Clause" License Condition v1.0'}, {"": "LicenseRef-Commons-Clause AND MIT"}, id="a clause"
        ),
        pytest.param({b"LICENSE": _APACHE[: _APACHE.index(b"APPENDIX")]}, {"": "Apache-2.0"}, id="without the appendix"),
        pytest.param({b"LICENSE": b"You may do nothing."}, {"": UNREADABLE}, id="a text that nobody knows"),
        pytest.param({b"LICENSE": b""}, {}, id="an empty file"),
        pytest.param({b"LICENSE": _MIT, b"plugin/LICENSE": _GPL}, {"": "MIT", "plugin/": "GPL-3.0-only AND MIT"}, id="a folder of its own"),
        pytest.param({b"LICENSES/MIT.txt": _MIT, b"LICENSES/GPL-3.0-only.txt": _GPL}, {"": "GPL-3.0-only AND MIT"}, id="REUSE"),
        pytest.param({b"pyproject.toml": b'[project]\nlicense = "MIT"\n'}, {"": "MIT"}, id="pyproject"),
        pytest.param({b"pyproject.toml": b'[project]\nlicense = {text = "Apache 2.0"}\n'}, {"": "Apache-2.0"}, id="pyproject in words"),
        pytest.param({b"pyproject.toml": b'[project]\nlicense = {file = "LICENSE"}\n'}, {}, id="pyproject names a file"),
        pytest.param(
            {b"pyproject.toml": b'[project]\nclassifiers = ["License :: OSI Approved :: MIT License", "License :: OSI Approved"]\n'},
            {"": "MIT"},
            id="classifiers",
        ),
        pytest.param(
            {b"setup.cfg": b"[metadata]\nlicense = GPLv3\nclassifiers =\n    x\n", b"LICENSE": _MIT},
            {"": "GPL-3.0-only AND MIT"},
            id="they disagree",
        ),
        pytest.param({b"Cargo.toml": b'[package]\nlicense = "MIT/Apache-2.0"\n'}, {"": "MIT OR Apache-2.0"}, id="Cargo with a slash"),
        pytest.param({b"package.json": b'{"license": "(MIT OR GPL-2.0)"}'}, {"": "MIT OR GPL-2.0"}, id="package.json"),
        pytest.param({b"package.json": b'{"license": "SEE LICENSE IN x"}'}, {}, id="package.json names a file"),
        pytest.param({b"package.json": b'{"license": "UNLICENSED"}'}, {"": "LicenseRef-Proprietary"}, id="package.json is closed"),
        pytest.param({b"package.json": b'{"licenses": [{"type": "MIT"}]}'}, {"": "MIT"}, id="package.json of old"),
        pytest.param({b"composer.json": b'{"license": ["MIT", "ISC"]}'}, {"": "ISC AND MIT"}, id="composer"),
        pytest.param({b"package.json": b'{"license": "Something Own 3"}'}, {"": UNREADABLE}, id="a name that nobody knows"),
        pytest.param({b"package.json": b'{"license": "Something Own 3"}', b"LICENSE": _MIT}, {"": "MIT"}, id="the text explains the name"),
        pytest.param(
            {b"packages/a/package.json": b'{"license": "GPL-3.0-only"}', b"LICENSE": _MIT},
            {"": "MIT", "packages/a/": "GPL-3.0-only AND MIT"},
            id="a package",
        ),
        pytest.param({b"pyproject.toml": b"not toml ["}, {}, id="no TOML"),
        pytest.param({b"package.json": b'["a"]'}, {}, id="no object"),
        pytest.param({b"package.json": b"[" * 5_000}, {}, id="deep"),
        pytest.param({b"package.json": b'{"license": 7}', b"Cargo.toml": b"package = 3"}, {}, id="other types"),
    ],
)
def test_a_repository_is_read_strictly(files: dict[bytes, bytes], licences: dict[str, str]) -> None:
    assert find_licences(files) == licences


@pytest.mark.parametrize(
    "name",
    [
        "LICENSE",
        "LICENCE.md",
        "license.txt",
        "COPYING",
        "COPYING.LESSER",
        "LICENSE-MIT",
        "LICENSE_APACHE.txt",
        "UNLICENSE",
        "LICENSES/MIT.txt",
        "x/LICENSE",
        "pyproject.toml",
        "x/package.json",
    ],
)
def test_files_that_speak_of_licences_are_known(name: str) -> None:
    assert speaks_of_licences(name.encode())


@pytest.mark.parametrize("name", ["README.md", "licenses.py", "license.go", "src/licensing.rs", "package-lock.json", "setup.py"])
def test_other_files_do_not(name: str) -> None:
    assert not speaks_of_licences(name.encode())


_HOSTILE = [
    "licensed under the ",
    "gnu general public license ",
    "permission to use copy modify and distribute this software ",
    "SPDX-License-Identifier: ",
    "under the terms of the license ",
    "creative commons attribution ",
    "licence gpl ",
]


def test_reading_licences_costs_in_proportion() -> None:
    assert_in_proportion(
        lambda texts: [licence_of(text) for text in texts], lambda size: [piece * (size // len(piece)) for piece in _HOSTILE], size=4_000
    )


def test_reading_licence_files_costs_in_proportion() -> None:
    assert_in_proportion(lambda size: find_licences({b"LICENSE": _MIT * (size // len(_MIT))}), lambda size: size, size=10_000)


def test_metadata_with_a_million_licences_are_read() -> None:
    assert find_licences({b"package.json": json.dumps({"licenses": ["MIT"] * 20_000}).encode()}) == {"": "MIT"}
