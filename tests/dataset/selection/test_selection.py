"""A file is selected, or dropped for one reason that people understand."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from notewright.dataset.drops import REASONS, Drop
from notewright.dataset.repository_licences import find_licences
from notewright.dataset.selection import Selected, SelectionRules, Selector
from tests.parts.cost import assert_in_proportion
from tests.parts.repository import Repo

RULES = SelectionRules(
    allowed_extensions=(".py", ".js", ".ts", ".tsx", ".go", ".rs", ".java", ".cpp", ".c", ".h"),
    ignore_patterns=("*.test.*", "build/", "/legacy"),
    licenses=("MIT", "Apache-2.0", "BSD-3-Clause"),
)
_GPL = b"# This program is free software: you can redistribute it under the terms of the GNU General Public License, version 3.\n"


def _dropped(
    path: str, *, mode: str = "100644", size: int = 10, rules: SelectionRules = RULES, ignored: bytes = b"", attributes: bytes = b""
) -> str:
    drop = Selector(rules, {b".gitignore": ignored}, "MIT", attributes={b".gitattributes": attributes}).by_path(path.encode(), mode, size)
    return drop.reason if drop else ""


@pytest.mark.parametrize(
    "path",
    [
        *(
            "a.py",
            "src/deep/er/a.ts",
            "A.PY",
            "x y.go",
            "größe.rs",
            "src/vendors.py",
            "distance/a.py",
            "my_secrets_scanner/a.py",
            "keys.py",
            "env.py",
        ),
        *(
            "min.js",
            "admin.js",
            "src/tokenizer.py",
            "credential_provider.go",
            "environment.ts",
            "dist.py",
            "generated.py",
            "passwords.go",
            "a.b.c.h",
        ),
        *("lib/external_api.py", "src/deployment.ts", "pb2.py", "lock.py", "secretary.java", "jquery.py", "id_rsa_reader.c", "netrc.py"),
    ],
)
def test_what_people_write_is_selected(path: str) -> None:
    assert _dropped(path) == ""


@pytest.mark.parametrize(
    ("reason", "paths"),
    [
        ("extension", ["a.txt", "Makefile", "a.py.bak", "py", "a.pyc", ".py/x"]),
        (
            "vendored",
            [
                "vendor/a.go",
                "x/node_modules/y/a.js",
                "third_party/a.c",
                "3rdparty/a.c",
                "lib/site-packages/a.py",
                ".venv/a.py",
                "dist/a.js",
            ],
        ),
        ("vendored", ["pkg/_vendor/a.py", "Pods/a.c", "deps/x/a.c", "static/jquery-3.6.0.js", "versioneer.py", "src/external/a.cpp"]),
        (
            "generated",
            ["a_pb2.py", "api/a.pb.go", "a_pb2_grpc.py", "x.generated.ts", "types.gen.go", "zz_generated.deepcopy.go", "parsetab.py"],
        ),
        ("generated", ["moc_window.cpp", "ui_main.h", "lex.yy.c", "a.tab.c", "bindata.go", "pkg/_version.py"]),
        ("minified", ["a.min.js", "x/app.bundle.js", "main.0a1b2c3d4e.js", "a-min.js"]),
        ("ignored", ["a.test.py", "build/a.py", "src/build/a.py", "legacy/a.py"]),
        (
            "path",
            [
                "a\nb.py",
                "a\u202eb.py",
                "a\u200bb.py",
                "a\x1bb.py",
                "a\tb.py",
                "../a.py",
                "a/../b.py",
                "/a.py",
                "x" * 1001 + ".py",
                "a\x00.py",
            ],
        ),
    ],
)
def test_a_name_can_be_reason_enough(reason: str, paths: list[str]) -> None:
    assert [(path, _dropped(path)) for path in paths] == [(path, reason) for path in paths]


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".env",
            ".env.local",
            "prod.env",
            "x/.env.production",
            ".envrc",
            "id_rsa",
            ".ssh/id_ed25519",
            "deploy_id_rsa",
            "server.pem",
            "tls.key",
            "a.p12",
        ),
        *(
            "store.jks",
            "a.pfx",
            ".npmrc",
            ".netrc",
            "_netrc",
            ".pypirc",
            ".pgpass",
            ".htpasswd",
            "credentials",
            "credentials.json",
            "secrets.yml",
        ),
        *(
            "secrets.py",
            "config/credentials.yml.enc",
            "db.kdbx",
            "terraform.tfstate",
            "terraform.tfstate.backup",
            "prod.tfvars",
            ".git-credentials",
        ),
        *(
            ".aws/credentials",
            ".aws/config",
            ".kube/config",
            "kubeconfig",
            ".docker/config.json",
            "service-account.json",
            "client_secret_1.json",
        ),
        *(
            "master.key",
            "a.ppk",
            "a.ovpn",
            "keys.gpg",
            "wp-config.php",
            ".bash_history",
            ".vault-token",
            "aws_credentials.csv",
            "ID_RSA",
            "Secrets.toml",
        ),
    ],
)
def test_files_that_hold_keys_are_skipped_whatever_extensions_are_asked_for(path: str) -> None:
    assert _dropped(path, rules=replace(RULES, allowed_extensions=("",))) == "sensitive"
    assert _dropped(path) == "sensitive"


@pytest.mark.parametrize(("mode", "reason"), [("120000", "symlink"), ("160000", "submodule"), ("100755", ""), ("100644", "")])
def test_links_and_submodules_are_never_followed(mode: str, reason: str) -> None:
    assert _dropped("a.py", mode=mode) == reason


@pytest.mark.parametrize(("size", "reason"), [(0, "empty"), (1, ""), (1_000_000, ""), (1_000_001, "too_large"), (2**30, "too_large")])
def test_size_is_judged_before_anything_is_read(size: int, reason: str) -> None:
    assert _dropped("a.py", size=size) == reason


def test_a_name_that_is_no_utf_8_is_dropped() -> None:
    assert Selector(RULES, {}, "MIT").by_path(b"a\xff.py", "100644", 1) == Drop("path")


def test_gitignore_counts_unless_it_is_switched_off() -> None:
    assert _dropped("a.py", ignored=b"a.py\n") == "gitignored"
    assert _dropped("a.py", ignored=b"a.py\n", rules=replace(RULES, respect_gitignore=False)) == ""


def test_attributes_have_the_last_word_on_what_is_generated_or_vendored() -> None:
    assert _dropped("a.py", attributes=b"a.py linguist-generated\n") == "generated"
    assert _dropped("a.py", attributes=b"a.py linguist-vendored\n") == "vendored"
    assert _dropped("vendor/a.py", attributes=b"vendor/a.py -linguist-vendored\n") == ""
    assert _dropped("a_pb2.py", attributes=b"*_pb2.py linguist-generated=false\n") == ""


def test_generated_and_vendored_files_are_kept_where_that_is_wished() -> None:
    rules = replace(RULES, keep_generated=True, keep_vendored=True)
    assert [_dropped(path, rules=rules) for path in ("a_pb2.py", "vendor/a.go")] == ["", ""]
    assert isinstance(Selector(rules, {}, "MIT").by_content(b"a.go", b"// Code generated by x. DO NOT EDIT.\n"), Selected)


@pytest.mark.parametrize(
    "content",
    [
        b"// Code generated by protoc-gen-go. DO NOT EDIT.\npackage x\n",
        b"# Generated by the protocol buffer compiler.  DO NOT EDIT!\n",
        b"/**\n * @generated SignedSource<<x>>\n */\n",
        b"# This file was automatically generated by SWIG\n",
        b"# -*- coding: utf-8 -*-\n# Form implementation\n# Auto-generated by x, do not change\n",
        b'"""This file is auto-generated. Run make to update."""\n',
        b"// THIS FILE IS MACHINE GENERATED, DO NOT MODIFY\n",
        b"/* A Bison parser, made by GNU Bison 3.8.2.  Generated by bison */\n",
        b"# DO NOT EDIT: this will be overwritten\n",
        b"<!-- this file has been generated -->\n",
    ],
)
def test_a_file_that_says_it_was_generated_is_dropped(content: bytes) -> None:
    assert Selector(RULES, {}, "MIT").by_content(b"a.py", content + b"x = 1\n" * 5) == Drop("generated", "marker")


@pytest.mark.parametrize(
    "content",
    [
        b'HEADER = "// Code generated by us. DO NOT EDIT."\n',
        b"# The keys are generated by the server.\n",
        b"def is_generated(path): ...\n",
        b"# Returns what was generated\n",
        b"x = 1\n" * 1000 + b"# Code generated by x. DO NOT EDIT.\n",
        b"# see @generated.column for more\n",
        b"# do not edit this while the job runs\n",
    ],
)
def test_a_file_that_speaks_of_generating_is_kept(content: bytes) -> None:
    assert isinstance(Selector(RULES, {}, "MIT").by_content(b"a.py", content), Selected)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (b"a.js", b"!function(){" + b"var a=1,b=2;" * 60 + b"}();\n"),
        (b"a.py", b"TABLE = [" + b"1, " * 70_000 + b"]\n"),
        (b"a.c", b"int a;\n" * 100 + b"char x[] = {" + b"0x1," * 5_000 + b"};\n"),
    ],
)
def test_lines_that_nobody_writes_are_told(path: bytes, content: bytes) -> None:
    assert Selector(RULES, {}, "MIT").by_content(path, content) == Drop("minified", "lines")


@pytest.mark.parametrize(
    ("path", "content", "language"),
    [
        ("a.py", b"x\n", "python"),
        ("a.pyi", b"x\n", "python"),
        ("a.js", b"x\n", "javascript"),
        ("a.mjs", b"x\n", "javascript"),
        ("a.jsx", b"x\n", "javascript"),
        ("a.ts", b"x\n", "typescript"),
        ("a.d.ts", b"x\n", "typescript"),
        ("a.tsx", b"x\n", "tsx"),
        ("a.go", b"x\n", "go"),
        ("a.rs", b"x\n", "rust"),
        ("a.java", b"x\n", "java"),
        ("a.c", b"x\n", "c"),
        ("a.cc", b"x\n", "cpp"),
        ("a.hpp", b"x\n", "cpp"),
        ("a.h", b"int f(void);\n", "c"),
        ("a.h", b"namespace x {\nclass A;\n}\n", "cpp"),
        ("a.PY", b"x\n", "python"),
        ("a.rb", b"x\n", "ruby"),
        ("a.kt", b"x\n", "kotlin"),
        ("a.cs", b"x\n", "csharp"),
        ("a.sh", b"x\n", "shell"),
        ("a.yml", b"x\n", "yaml"),
        ("BUILD.py", b"x\n", "python"),
        ("Makefile", b"x\n", "makefile"),
        ("tool", b"#!/usr/bin/env python3\nx\n", "python"),
        ("tool", b"#!/bin/sh\nx\n", "shell"),
        ("tool", b"x\n", "text"),
        ("a.unknown", b"x\n", "text"),
    ],
)
def test_the_language_is_named_as_github_names_it(path: str, content: bytes, language: str) -> None:
    selected = Selector(RULES, {}, "MIT").by_content(path.encode(), content)
    assert isinstance(selected, Selected)
    assert selected.language == language


def test_the_text_of_a_file_and_its_encoding_give_the_lines_that_git_shows(repo: Repo) -> None:
    files = {
        "bom.py": "\ufeffx = 'ä'\n".encode(),
        "wide.py": "x = 'ä'\r\ny\n".encode("utf-16"),
        "old.py": b"# coding: latin-1\nx = '\xe4'\n",
    }
    commit = repo.commit("feat: files", files)
    for name, content in files.items():
        selected = Selector(RULES, {}, "MIT").by_content(name.encode(), content)
        assert isinstance(selected, Selected)
        shown = repo.git("cat-file", "blob", f"{commit}:{name}") if name == "bom.py" else ""
        assert content.decode(selected.encoding) == selected.text.decode()
        assert not shown or shown.removeprefix("\ufeff") == selected.text.decode().removesuffix("\n")


def test_a_gpl_file_inside_an_mit_repository_is_dropped() -> None:
    selector = Selector(RULES, {}, "MIT")
    assert selector.by_content(b"a.py", _GPL + b"x = 1\n") == Drop("licence", "GPL-3.0-only")
    assert selector.by_content(b"a.py", b"# SPDX-License-Identifier: LGPL-2.1-or-later\n") == Drop("licence", "LGPL-2.1-or-later")


def test_a_files_own_licence_is_recorded_before_its_repositorys() -> None:
    selector = Selector(RULES, {}, "MIT")
    selected = selector.by_content(b"a.py", b"# SPDX-License-Identifier: Apache-2.0\nx = 1\n")
    assert isinstance(selected, Selected)
    assert selected.license == "Apache-2.0"
    assert isinstance(plain := selector.by_content(b"b.py", b"x = 1\n"), Selected)
    assert plain.license == "MIT"


def test_a_folder_with_a_licence_of_its_own_is_judged_by_it() -> None:
    gpl = b"licensed under the GPLv3"
    licences = find_licences({b"package.json": b'{"license": "MIT"}', b"plugin/COPYING": gpl})
    selector = Selector(RULES, {}, licences)
    assert selector.by_content(b"plugin/deep/a.py", b"x = 1\n") == Drop("licence", "GPL-3.0-only AND MIT")
    assert isinstance(selector.by_content(b"plugins/a.py", b"x = 1\n"), Selected)
    assert isinstance(selector.by_content(b"a.py", b"x = 1\n"), Selected)


def test_a_file_of_which_nothing_says_the_licence_is_kept_only_where_that_is_wished() -> None:
    assert Selector(RULES, {}).by_content(b"a.py", b"x = 1\n") == Drop("licence", "unknown")
    kept = Selector(replace(RULES, unknown_license="keep"), {}).by_content(b"a.py", b"x = 1\n")
    assert isinstance(kept, Selected)
    assert kept.license == ""


def test_a_file_with_a_private_key_is_dropped_before_it_is_cut_apart() -> None:
    body = "\n".join("MIIEpAIBAAKCAQEA7bq8e0h3C5m0qVJ2vXo1kD9sWn4tR6yU8iO0pA2sD4fG6hJ" for _ in range(9))
    key = f'KEY = """-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"""\n'
    assert Selector(RULES, {}, "MIT").by_content(b"a.py", key.encode()) == Drop("secret", "private-key")


@pytest.mark.parametrize("content", [b"\n", b"  \n\t\n", b"\xef\xbb\xbf", b"\r\n"])
def test_a_file_of_blanks_is_empty(content: bytes) -> None:
    assert Selector(RULES, {}, "MIT").by_content(b"a.py", content) == Drop("empty")


def test_every_reason_is_one_word_and_a_sentence() -> None:
    assert all(word.isidentifier() and word.islower() and text.endswith(".") and text[0].isupper() for word, text in REASONS.items())
    with pytest.raises(AssertionError):
        Drop("because")


def test_every_rule_changes_what_the_rules_are_known_by() -> None:
    others = {
        "allowed_extensions": (),
        "ignore_patterns": (),
        "licenses": (),
        "unknown_license": "keep",
        "personal": "drop",
        "max_file_bytes": 5,
    }
    for field in fields(RULES):
        other = replace(RULES, **{field.name: others.get(field.name, not getattr(RULES, field.name))})  # type: ignore[arg-type]
        assert other.digest != RULES.digest
    assert replace(RULES).digest == RULES.digest


def test_judging_names_costs_in_proportion() -> None:
    names = [
        "a" * 200 + ".py",
        "vendor" * 30 + "/x.py",
        "/".join(["deps"] * 40) + "x.py",
        "secret" * 40 + ".py",
        "min." * 60 + "py",
        ".env" * 50,
    ]

    def work(times: int) -> None:
        for number in range(times):
            selector = Selector(RULES, {b".gitignore": b"*.log\nbuild/\n"}, "MIT")
            for name in names:
                selector.by_path(f"{number}/{name}"[:990].encode(), "100644", 1)

    assert_in_proportion(work, lambda size: size, size=20)


@pytest.mark.parametrize("piece", [b"// Code generated ", b"# generated by ", b"do not edit ", b"# this file ", b"\n#", b"generated"])
def test_looking_for_markers_costs_in_proportion(piece: bytes) -> None:
    selector = Selector(RULES, {}, "MIT")
    assert_in_proportion(
        lambda content: selector.by_content(b"a.py", content),
        lambda size: (piece * 40)[:size] + b"\n" + b"x = 1\n" * (size // 6),
        size=6_000,
    )
