"""Secrets of every kind are found where people leave them, and ordinary code is left alone."""

from __future__ import annotations

import base64
import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.screening.secrets import find_secrets, has_private_key, lower_ascii

_HEX, _SMALL, _ALNUM = string.digits + "abcdef", string.ascii_lowercase + string.digits, string.ascii_letters + string.digits
_CAPITAL = string.ascii_uppercase + string.digits


def _some(count: int, letters: str = _ALNUM, *, seed: int = 7) -> str:
    """Invented letters, always the same, so that no file of ours holds a token that a scanner would stop."""
    chosen = random.Random(seed + count).choices(letters, k=count)
    return "".join(chosen[:-3]) + next(letter for letter in letters if letter.isalpha()) + "7" + chosen[-1]


def _jwt() -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "HS256"}, {"sub": "1234567890"})]
    return ".".join([*parts, _some(43)])


TOKENS = {
    "artifactory-token": ["AKC" + _some(60)],
    "aws-access-key": ["AKIA" + _some(16, _CAPITAL), "ASIA" + _some(16, _CAPITAL)],
    "discord-token": ["M" + _some(23) + "." + _some(6) + "." + _some(27)],
    "discord-webhook": ["https://discord.com/api/webhooks/" + "112233445566778899/" + _some(68)],
    "github-token": ["ghp_" + _some(36), "gho_" + _some(36), "ghs_" + _some(36), "github_pat_" + _some(22) + "_" + _some(59)],
    "gitlab-token": ["glpat-" + _some(20), "glrt-" + _some(20), "GR1348941" + _some(20), "glptt-" + _some(40, _HEX)],
    "google-api-key": ["AIza" + _some(35)],
    "google-oauth-secret": ["GOCSPX-" + _some(28)],
    "google-oauth-token": ["ya29." + _some(60)],
    "anthropic-key": ["sk-ant-" + "api03-" + _some(90)],
    "openai-token": ["sk-" + _some(20) + "T3Blbk" + "FJ" + _some(20), "sk-proj-" + _some(60), "sk-" + _some(48)],
    "huggingface-token": ["hf_" + _some(34)],
    "groq-key": ["gsk_" + _some(52)],
    "replicate-token": ["r8_" + _some(37)],
    "npm-token": ["npm_" + _some(36), "//registry.npmjs.org/:_authToken=" + "npm_" + _some(36)],
    "docker-token": ["dckr_pat_" + _some(27)],
    "digitalocean-token": ["dop_v1_" + _some(64, _HEX)],
    "slack-token": [
        "xoxb-" + "123456789012-123456789012-" + _some(24),
        "xapp-1-" + "A0123456789-1234567890123-" + _some(64, _HEX),
        "https://hooks.slack.com/services/" + "T0123ABCD/B0123ABCD/" + _some(24),
    ],
    "stripe-key": ["sk_live_" + _some(24), "rk_live_" + _some(24), "sk_test_" + _some(24)],
    "stripe-webhook-secret": ["whsec_" + _some(32)],
    "sendgrid-key": ["SG." + _some(22) + "." + _some(43)],
    "shopify-token": ["shpat_" + _some(32, _HEX)],
    "databricks-token": ["dapi" + _some(32, _HEX)],
    "vault-token": ["hvs." + _some(90)],
    "terraform-token": [_some(14) + ".atlasv1." + _some(64)],
    "pulumi-token": ["pul-" + _some(40, _HEX)],
    "linear-key": ["lin_api_" + _some(40)],
    "notion-token": ["ntn_" + _some(43), "secret_" + _some(43)],
    "postman-key": ["PMAK-" + _some(24, _HEX) + "-" + _some(34, _HEX)],
    "new-relic-key": ["NRAK-" + _some(27, _CAPITAL)],
    "grafana-token": ["glsa_" + _some(32) + "_" + _some(8, _HEX)],
    "sentry-token": ["sntrys_" + _some(60)],
    "mailgun-key": ["key-" + _some(32, _HEX)],
    "mailchimp-key": [_some(32, _HEX) + "-us12"],
    "airtable-token": ["pat" + _some(14) + "." + _some(64, _HEX)],
    "heroku-key": ["HRKU-" + _some(60)],
    "atlassian-token": ["ATATT3" + _some(180)],
    "square-token": ["sq0atp-" + _some(22), "sq0csp-" + _some(43)],
    "braintree-token": ["access_token$production$" + _some(16, _SMALL) + "$" + _some(32, _HEX)],
    "dynatrace-token": ["dt0c01." + _some(24, _CAPITAL) + "." + _some(64, _CAPITAL)],
    "azure-client-secret": [_some(3) + "8Q~" + _some(34)],
    "azure-storage-key": ["AccountKey=" + _some(86) + "=="],
    "azure-signature": ["?sv=2022&sig=" + _some(43) + "%3D"],
    "pypi-token": ["pypi-AgEIcHlwaS5vcmc" + _some(80)],
    "telegram-token": ["1234567890:" + _some(35)],
    "twilio-key": ["AC" + _some(32, _HEX), "SK" + _some(32, _HEX)],
    "json-web-token": [_jwt()],
    "password-in-address": [
        "postgres://bob:" + "s3cr3tpw@db.host:5432/x",
        "https://deploy:" + "Tr0ub4dor@git.host.org/x.git",
        "amqp://svc:" + "kuXq9-zz@mq:5672",
    ],
    "authorization": ["Authorization: Bearer " + _some(40), "authorization: Basic " + _some(32)],
}
PLACES = {
    "Python": 'CLIENT = connect("{}")\n',
    "JavaScript": "const client = new Client('{}');\n",
    "Go": "\tclient := New(`{}`)\n",
    "a comment": "# used by the job: {}\n",
    "a configuration": "value: {}\n",
    "a long line": "x = 1; " * 400 + '"{}"' + "; y = 2" * 400,
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(
    ("kind", "token"),
    [pytest.param(kind, token, id=f"{kind}-{number}") for kind, tokens in TOKENS.items() for number, token in enumerate(tokens)],
)
def test_a_planted_token_is_found_wherever_it_stands(kind: str, token: str, place: str) -> None:
    text = "import this\n\n" + place.format(token) + "\nprint(this)\n"
    found = [finding for finding in find_secrets(text) if finding.kind == kind]
    assert found, find_secrets(text)
    assert any(text[finding.start : finding.end].strip("\"'` ") in token for finding in found)


@pytest.mark.parametrize(
    "line",
    [
        'password = "hunter2"',
        "password = 'tr0ub4dor&3'",
        'password: str = "S3same-open"',
        'const dbPassword = "k3bab-case!"',
        'var password string = "gr8secret1x"',
        'my_password := "q1w2e3r4t5z6"',
        '"password": "m0n-key9",',
        "'passwd' => 'gJ7x0pq',",
        'char pwd[] = "l0ngw4y";',
        '#define DB_PASSWORD "c0rrectHorse"',
        "<password>b4tteryStaple</password>",
        'connect(user="bob", password="4lg0rithm")',
        'setPassword("w1nterIsC0ming")',
        'os.environ["DB_PASSWORD"] = "zYx9-w8v7"',
        'setenv("PASSWORD", "fr0mHere2there")',
        "mysql --password=Vx83kqpL -u bob ",
        'url = "Server=db;User Id=sa;Password=Zq81kd0p;"',
        'passphrase = b"n0t-a-w0rd-at-all"',
        'String PASSWORD = new String("j4vaBean5");',
        'self.auth_token = "' + _some(32, _HEX) + '"',
        'api_key = "' + _some(32, _HEX) + '"',
        'apiKey: "' + _some(40) + '",',
        'SECRET_KEY = "' + _some(50) + '"',
        'client_secret="' + _some(24) + '"',
        '"access_token": "' + _some(22) + '"',
        'AWS_SECRET_ACCESS_KEY = "' + _some(40) + '"',
        'private_key: "' + _some(64, _HEX) + '"',
        'encryption-key = "' + _some(44) + '"',
        'token = "' + _some(40) + '"',
        "GET /v1?api_key=" + _some(32, _HEX) + " HTTP/1.1",
    ],
)
def test_what_a_name_says_is_a_secret_is_found(line: str) -> None:
    assert [finding.kind for finding in find_secrets(f"a = 1\n{line}\nb = 2\n")], line


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("yaml", "  password: hunter2"),
        ("yaml", "- db_password: Xk29dk1"),
        ("java-properties", "spring.datasource.password=Qw3rtzUiop9"),
        ("ini", "api_key = " + _some(32, _HEX)),
        ("shell", "export DB_PASSWORD=gT5rf31z"),
        ("dockerfile", "ENV AUTH_TOKEN=" + _some(40)),
    ],
)
def test_configuration_needs_no_quotes_for_its_secrets(language: str, line: str) -> None:
    assert find_secrets(f"a: 1\n{line}\n", language=language)
    assert not find_secrets("password = source2\ntoken: Optional[str] = None\n", language="python")


@pytest.mark.parametrize(
    "line",
    [
        "password = getpass()",
        'password = ""',
        'password = "password"',
        'password = "changeme"',
        'password = "<your password>"',
        'password = "${DB_PASSWORD}"',
        'password = "{{ vault_password }}"',
        'password = "%s" % value',
        'password = os.environ["DB_PASSWORD"]',
        'password = "********"',
        'password = "xxxxxxxx1"',
        'password = "my-password"',
        'password = "test1234"',
        'password_field = "new_password1"',
        'PASSWORD_RESET_URL = "/accounts/reset2/"',
        'password: Annotated[str, "what to log in with"]',
        'label = "Password: "',
        'raise ValueError("password must have 8 characters")',
        'Pass `num_labels=3` to `forward`, or pass "callback=" here',
        'tokens = ["EXPAND", "EXPASS", "*EXPORT"]',
        'api_key = "YOUR_API_KEY"',
        'api_key = "your-api-key-here-1234567890"',
        'api_key: str = Field(alias="x-api-key-v2")',
        'secret_name = "projects/p/secrets/s"',
        'token = "access_token_expired_error_code_1"',
        'token_url = "https://host/oauth2/v2.0/token"',
        'key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'cache_key = "user:profile:v2:{id}"',
        'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'commit = "f20eccd9b57a3f8d0b6a4e1c2d3f4a5b6c7d8e9f"',
        'id = "123e4567-e89b-12d3-a456-426614174000"',
        'url = "https://github.com/org/repo.git"',
        'url = "https://user:password@example.com/"',
        'url = "postgres://postgres:postgres@localhost/test"',
        'url = f"https://{user}:{password}@{host}/"',
        'url = "https://${USER}:${TOKEN}@host/"',
        'remote = "git@github.com:org/repo.git"',
        'time = "http://host:80/@12:30"',
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "AKIAXXXXXXXXXXXXXXXX",
        'headers["Authorization"] = f"Bearer {token}"',
        'curl -H "Authorization: Bearer $TOKEN"',
        "basic understanding of authentication",
        'if line.startswith("-----BEGIN RSA PRIVATE KEY-----"):',
        '_PEM = re.compile("-----BEGIN PRIVATE KEY-----(.*)-----END PRIVATE KEY-----")',
        "def test_a_very_long_name_of_a_test_that_says_what_is_promised_2() -> None:",
        "from package.module_with_long_name_v2 import SomethingVeryLongThatIsNamed3",
        'alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"',
        "keyboard = Keyboard(layout='qwertz2')",
        "author = 'someone1'",
        "monkey = 'banana-2000'",
        "self.keys = sorted(key for key in seen)",
        "eyJust.an.example",
        "glacier-storage-2020-backup",
        "sk-learn-compatible-estimator-v2-checks",
    ],
)
def test_ordinary_code_holds_no_secret(line: str) -> None:
    assert find_secrets(f"a = 1\n    {line}\nb = 2\n") == ()


_BODY = "\n".join(_some(64, _ALNUM + "+/", seed=seed) for seed in range(12))


@pytest.mark.parametrize(
    "name", ["RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"]
)
@pytest.mark.parametrize(
    "shape",
    ["{}", 'KEY = """{}"""\n', "key: |\n    {}", "const key = '{}';", "// {}", '"private_key": "{}"'],
    ids=["alone", "Python", "YAML", "escaped", "comment", "JSON"],
)
def test_a_private_key_is_found_as_a_whole(name: str, shape: str) -> None:
    key = f"-----BEGIN {name}-----\n{_BODY}\n-----END {name}-----"
    if "'" in shape or '"{' in shape:
        key = key.replace("\n", "\\n")
    text = f"# a file\n{shape.format(key)}\nend = True\n"
    found = [finding for finding in find_secrets(text) if finding.kind == "private-key"]
    assert len(found) == 1
    assert _BODY[-20:] in text[found[0].start : found[0].end]
    assert has_private_key(text)


@pytest.mark.parametrize(
    "text",
    [
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{_BODY}\n-----END PGP PRIVATE KEY BLOCK-----",
        f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n{_BODY}\n",
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
        "AGE-SECRET-" + "KEY-1" + _some(58, _CAPITAL),
    ],
    ids=["PGP", "with headers", "PuTTY", "age"],
)
def test_private_keys_of_other_forms_are_found(text: str) -> None:
    assert has_private_key(text)
    assert "private-key" in {finding.kind for finding in find_secrets(text)}


def test_a_public_key_and_a_certificate_are_no_secret() -> None:
    for name in ("PUBLIC KEY", "CERTIFICATE", "RSA PUBLIC KEY"):
        assert not find_secrets(f"-----BEGIN {name}-----\n{_BODY}\n-----END {name}-----\n")


def test_a_finding_says_nothing_of_the_secret() -> None:
    token = "ghp_" + _some(36)
    (finding,) = find_secrets(f"token {token} here")
    assert token not in repr(finding)
    assert token[4:12] not in str(finding)


def test_secrets_are_found_in_questions_and_answers_too() -> None:
    question = "What does `connect` log in with?"
    answer = 'It calls `login("bob", password="hunter2")` and then opens the socket.'
    assert find_secrets(question) == ()
    assert [finding.kind for finding in find_secrets(answer)] == ["assigned-secret"]


def test_findings_come_in_the_order_of_the_text_and_never_twice() -> None:
    text = "\n".join(f'password{number} = "hunter{number}x"' for number in range(2, 9)) + "\nAKIA" + _some(16, _CAPITAL)
    text = text.replace("password", "password = 1; password")
    found = find_secrets(text + "\n" + text)
    assert [finding.start for finding in found] == sorted(finding.start for finding in found)
    assert len(found) == len(set(found))


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_token_is_found_between_any_texts(before: str, after: str) -> None:
    token = "github_pat_" + _some(22) + "_" + _some(40)
    text = f"{before}\n{token}\n{after}"
    assert any(text[finding.start : finding.end] == token for finding in find_secrets(text))


@given(st.text())
def test_small_letters_stand_where_the_letters_stood(text: str) -> None:
    lowered = lower_ascii(text)
    assert len(lowered) == len(text)
    assert all(small == letter.lower() for small, letter in zip(lowered, text, strict=True) if letter < "\x80")
