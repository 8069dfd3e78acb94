"""The tokens that the test servers know."""

from __future__ import annotations

TOKEN_WRITE = "ghs_write0000000000000000000000000000000000"  # an installation token, as GITHUB_TOKEN is one
TOKEN_READ = "ghs_read00000000000000000000000000000000000"  # the same with `contents: read` and nothing else
TOKEN_PERSON = "ghp_person000000000000000000000000000000000"  # a person's own token, with write access
