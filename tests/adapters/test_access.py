from __future__ import annotations

import pytest

from notewright.adapters.access import Access, read_access
from notewright.errors import ConfigError, GitHubError


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        pytest.param("https://github.com/acme/app.git", "https://github.com/acme/app", id="https"),
        pytest.param("https://github.com/acme/app", "https://github.com/acme/app", id="https without .git"),
        pytest.param("https://ada:ghp_secret@github.com/acme/app.git", "https://github.com/acme/app", id="a token in the address"),
        pytest.param("git@github.com:acme/app.git", "https://github.com/acme/app", id="scp-like"),
        pytest.param("ssh://git@ghe.example.org:2222/acme/app.git", "https://ghe.example.org/acme/app", id="ssh with a port"),
        pytest.param("https://ghe.example.org:8443/acme/app.git", "https://ghe.example.org:8443/acme/app", id="https with a port"),
        pytest.param("http://127.0.0.1:8080/acme/app.git", "http://127.0.0.1:8080/acme/app", id="this machine"),
    ],
)
def test_the_address_of_origin_names_server_and_repository(origin: str, url: str) -> None:
    access = read_access({}, origin=origin)
    assert access is not None
    assert access.url == url
    assert "secret" not in repr(access)


@pytest.mark.parametrize(
    "origin", [None, "", "/srv/git/app.git", "file:///srv/git/app.git", "ext::sh -c id", "-oProxyCommand=id", "../app"]
)
def test_an_origin_that_is_no_repository_on_a_server_names_none(origin: str | None) -> None:
    assert read_access({}, origin=origin) is None


def test_the_environment_of_a_workflow_goes_before_origin() -> None:
    environment = {
        "GITHUB_REPOSITORY": "acme/app", "GITHUB_SERVER_URL": "https://ghe.example.org", "GITHUB_API_URL": "https://ghe.example.org/api/v3/",
    }  # fmt: skip
    access = read_access(environment, origin="https://evil.example.net/other/repository.git")
    assert access == Access("acme/app", "https://ghe.example.org", "https://ghe.example.org/api/v3")


@pytest.mark.parametrize(
    ("server", "api"),
    [
        pytest.param("https://github.com", "https://api.github.com", id="github.com"),
        pytest.param("https://ghe.example.org", "https://ghe.example.org/api/v3", id="an enterprise server"),
    ],
)
def test_without_an_api_address_the_server_s_own_is_taken(server: str, api: str) -> None:
    access = read_access({"GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": server}, origin=None)
    assert access is not None
    assert access.api_url == api


@pytest.mark.case(39)
@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://api.example.org", id="http to elsewhere (case 39)"),
        pytest.param("http://127.0.0.1.example.org", id="http to a name that looks like this machine"),
        pytest.param("http://localhost@example.org", id="http with a user that looks like this machine"),
        pytest.param("https://token@api.example.org", id="a user in the address"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("https://example.org:port", id="a port that is no number"),
        pytest.param("https://[::1", id="half an address"),
        pytest.param("example.org", id="no scheme"),
    ],
)
@pytest.mark.parametrize("name", ["GITHUB_API_URL", "GITHUB_SERVER_URL"])
def test_an_address_that_must_not_have_the_token_is_refused(name: str, url: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read_access({"GITHUB_REPOSITORY": "acme/app", name: url}, origin=None)


@pytest.mark.parametrize("name", ["acme", "acme/app/more", "acme/app\n", "-/..;id", "a b/c", "$(id)/app"])
def test_a_name_that_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="not the name"):
        read_access({"GITHUB_REPOSITORY": name}, origin=None)


@pytest.mark.parametrize(
    ("environment", "token"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"GITHUB_TOKEN": " "}, None, id="blank"),
        pytest.param({"GITHUB_TOKEN": "canary-1\n"}, "canary-1", id="GITHUB_TOKEN"),
        pytest.param({"GITHUB_TOKEN": "canary-1", "NOTEWRIGHT_TOKEN": "canary-2"}, "canary-2", id="our own goes first"),
    ],
)
def test_the_token_is_read_and_never_shown(environment: dict[str, str], token: str | None) -> None:
    access = read_access({"GITHUB_REPOSITORY": "acme/app", **environment}, origin=None)
    assert access is not None
    assert access.token == token
    assert "canary" not in repr(access)


def test_where_a_token_is_needed_the_hint_says_how_to_give_one() -> None:
    with pytest.raises(GitHubError) as caught:
        Access("acme/app", "https://github.com", "https://api.github.com").require_token()
    assert "GITHUB_TOKEN" in (caught.value.hint or "")
