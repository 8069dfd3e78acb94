"""Shapes: how the tokens of services look, from detect-secrets' plugins and, for what these lack, from the services' own pages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

_RANDOM_BITS = 3.0  # a character, in what is no word: forty hexadecimal digits have 3.6 or so
LEAST_LONG = 16
_VARIED_BITS = 2.0  # in what has a service's prefix: less is one letter again and again, which stands for a token in documents


def bits(value: str) -> float:
    """Return how many bits a character of a text says, by how often each occurs."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def is_random(value: str) -> bool:
    """Tell whether a text has digits and letters, in no order that a person would write."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and bits(value) >= _RANDOM_BITS


def is_varied(value: str) -> bool:
    """Tell whether a text is more than a row of the same letter."""
    return bits(value) >= _VARIED_BITS


@dataclass(frozen=True, slots=True)
class Shape:
    """What the secrets of a kind look like. `hints` are the fixed parts of them, one of which each has, in small letters where
    `any_case`. `run` tells that each also has a long run of letters and digits, by which it is found, `long` that it has `LEAST_LONG`
    letters, digits and `_+/=.-~%` in a row. `accept` says no to what only looks so."""

    kind: str
    hints: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    any_case: bool = False
    run: bool = True
    long: bool = True
    accept: Callable[[str], bool] = is_random


def _shape(kind: str, *hints: str, pattern: str, run: bool = True) -> Shape:
    return Shape(kind, hints, (re.compile(pattern),), run=run, accept=is_varied)


SHAPES = (
    _shape("github-token", "github_pat_", pattern=r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
    _shape("google-api-key", "AIza", pattern=r"\bAIza[\w-]{35}(?![\w-])"),
    _shape("google-oauth-secret", "GOCSPX-", pattern=r"\bGOCSPX-[\w-]{28}"),
    _shape("google-oauth-token", "ya29.", pattern=r"\bya29\.[\w-]{20,500}"),
    _shape("anthropic-key", "sk-ant-", pattern=r"\bsk-ant-[\w-]{20,200}"),
    _shape("openai-token", "sk-proj-", "sk-svcacct-", "sk-admin-", pattern=r"\bsk-(?:proj|svcacct|admin)-[\w-]{20,300}"),
    _shape("openai-token", "sk-", pattern=r"\bsk-[A-Za-z0-9]{32,64}(?![\w-])"),
    _shape("huggingface-token", "hf_", pattern=r"\bhf_[A-Za-z0-9]{30,40}(?!\w)"),
    _shape("groq-key", "gsk_", pattern=r"\bgsk_[A-Za-z0-9]{40,60}"),
    _shape("replicate-token", "r8_", pattern=r"\br8_[A-Za-z0-9]{37}(?!\w)"),
    _shape("artifactory-token", "AKC", pattern=r"\bAKC[A-Za-z0-9]{57,80}\b"),
    _shape("npm-token", "_authToken=", pattern=r":_authToken=[\w-]{36,80}"),
    _shape("npm-token", "npm_", pattern=r"\bnpm_[A-Za-z0-9]{36}(?!\w)"),
    _shape("docker-token", "dckr_pat_", "dckr_oat_", pattern=r"\bdckr_[po]at_[\w-]{27,40}"),
    _shape("digitalocean-token", "_v1_", pattern=r"\bdo[opr]_v1_[a-f0-9]{64}"),
    _shape(
        "slack-token",
        "xapp-",
        "xoxe",
        "xoxc-",
        "xoxd-",
        pattern=r"\b(?:xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+|xox[cde](?:\.xox[bp])?-[\w%.-]{20,300})",
    ),
    _shape("stripe-key", "_test_", "_live_", pattern=r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{24,110}"),
    _shape("stripe-webhook-secret", "whsec_", pattern=r"\bwhsec_[A-Za-z0-9+/=]{32,64}"),
    _shape("shopify-token", "shp", pattern=r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _shape("databricks-token", "dapi", pattern=r"\bdapi[a-f0-9]{32}(?:-\d)?\b"),
    _shape("vault-token", "hvs.", "hvb.", "hvr.", pattern=r"\bhv[sbr]\.[\w-]{24,300}"),
    _shape("terraform-token", ".atlasv1.", pattern=r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,80}"),
    _shape("pulumi-token", "pul-", pattern=r"\bpul-[a-f0-9]{40}\b"),
    _shape("linear-key", "lin_api_", pattern=r"\blin_api_[A-Za-z0-9]{40}"),
    _shape("notion-token", "secret_", "ntn_", pattern=r"\b(?:secret|ntn)_[A-Za-z0-9]{43,46}(?!\w)"),
    _shape("postman-key", "PMAK-", pattern=r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _shape("new-relic-key", "NRAK-", pattern=r"\bNRAK-[A-Z0-9]{27}"),
    _shape("grafana-token", "glsa_", "glc_", pattern=r"\bglsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|\bglc_[A-Za-z0-9+/]{32,400}"),
    _shape("sentry-token", "sntry", pattern=r"\bsntry[su]_[A-Za-z0-9+/=_]{40,300}"),
    _shape("mailgun-key", "key-", pattern=r"\bkey-[0-9a-f]{32}\b"),
    _shape("airtable-token", "pat", pattern=r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    _shape("heroku-key", "HRKU-", pattern=r"\bHRKU-[\w-]{36,64}"),
    _shape("atlassian-token", "ATATT3", "ATCTT3", pattern=r"\bAT[AC]TT3[\w=-]{50,300}"),
    _shape("discord-webhook", "/api/webhooks/", pattern=r"discord(?:app)?\.com/api/webhooks/\d{10,25}/[\w-]{50,80}"),
    _shape("square-token", "sq0atp-", "EAAA", pattern=r"\bsq0atp-[\w-]{22}|\bEAAA[\w-]{60}"),
    _shape("braintree-token", "access_token$", pattern=r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    _shape("dynatrace-token", "dt0c01.", pattern=r"\bdt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _shape("azure-client-secret", "8Q~", pattern=r"(?<![\w~.-])[\w~.-]{3}8Q~[\w~.-]{31,34}(?![\w~.-])", run=False),
    _shape("azure-signature", "sig=", pattern=r"\bsig=[\w%+/]{40,100}(?:%3[dD]|=)", run=False),
    Shape(
        "authorization",
        ("bearer", "basic "),
        (re.compile(r"(?i)\b(?:bearer|basic)['\":, ]{1,4}([\w+/.~-]{16,500}={0,2})"),),
        any_case=True,
        run=False,
    ),
)

_PLACEHOLDER_USERS = re.compile(
    r"(?i)(?:user(?:name)?|pass(?:w(?:or)?d)?|pwd|secret|token|login|name|foo|bar|test|x+|\*+|\.+|[a-z]|guest|admin|root|postgres|mysql|redis|mongo|me)\d?"
)


def _is_password(value: str) -> bool:
    """Tell whether what stands for a password in an address is one, and no name for it."""
    return (
        not _PLACEHOLDER_USERS.fullmatch(value)
        and not re.match(r"[$%<{\[(]|.*[}>\])]$|\\|'|\"|.*[`|]", value)
        and any(map(str.isalpha, value))
    )


# Of each plugin: its module and class, the kind that we say, and the hints.
_IN_RUNS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("artifactory", "ArtifactoryDetector", "artifactory-token", ("AKC", "AP")),
    ("discord", "DiscordBotTokenDetector", "discord-token", (".",)),
    ("github_token", "GitHubTokenDetector", "github-token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    ("gitlab_token", "GitLabTokenDetector", "gitlab-token", ("gl", "gr1348941")),
    ("ibm_cloud_iam", "IbmCloudIamDetector", "ibm-key", ("ibm", "iam")),
    ("ibm_cos_hmac", "IbmCosHmacDetector", "ibm-key", ("secret",)),
    ("mailchimp", "MailchimpDetector", "mailchimp-key", ("-us",)),
    ("openai", "OpenAIDetector", "openai-token", ("t3blbkfj",)),
    ("pypi_token", "PypiTokenDetector", "pypi-token", ("pypi-ag",)),
    ("sendgrid", "SendGridDetector", "sendgrid-key", ("sg.",)),
    ("softlayer", "SoftlayerDetector", "softlayer-key", ("softlayer",)),
    ("square_oauth", "SquareOAuthDetector", "square-token", ("sq0csp-",)),
    ("stripe", "StripeDetector", "stripe-key", ("k_live_",)),
    ("telegram_token", "TelegramBotTokenDetector", "telegram-token", (":",)),
    ("twilio", "TwilioKeyDetector", "twilio-key", ("AC", "SK")),
)
_ANYWHERE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("aws", "AWSKeyDetector", "aws-access-key", ("akia", "asia", "abia", "acca", "a3t", "aws")),
    ("azure_storage_key", "AzureStorageKeyDetector", "azure-storage-key", ("accountkey=",)),
    ("basic_auth", "BasicAuthDetector", "password-in-address", ("://",)),
    ("cloudant", "CloudantDetector", "cloudant-key", ("cloudant",)),
    ("jwt", "JwtTokenDetector", "json-web-token", ("eyj",)),
    ("slack", "SlackDetector", "slack-token", ("xox", "hooks.slack.com")),
)
_SHORT = frozenset({"password-in-address", "json-web-token", "slack-token"})
# No prefix of their own: these are told from other text by how random they are.
_UNMARKED = frozenset({"artifactory-token", "discord-token", "ibm-key", "mailchimp-key", "telegram-token", "twilio-key", "softlayer-key"})


@cache
def shapes(*, run: bool) -> tuple[Shape, ...]:
    """Return the shapes that are found by their runs, or the others: detect-secrets' plugins, called without its scanner, which takes ten
    times as long for a passage, and those above."""
    found = [shape for shape in SHAPES if shape.run == run]
    for module, name, kind, hints in _IN_RUNS if run else _ANYWHERE:
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        accept = {"jwt": getattr(plugin, "is_formally_valid", None), "basic_auth": _is_password}.get(module)
        accept = accept or (is_random if kind in _UNMARKED else is_varied)
        any_case = not any(map(str.isupper, hints))
        found.append(Shape(kind, hints, tuple(plugin.denylist), any_case=any_case, run=run, long=kind not in _SHORT, accept=accept))
    return tuple(found)


@cache
def run_hints() -> tuple[tuple[str, bool, int], ...]:
    """Return each hint of the shapes that are found by their runs, whether it is in small letters, and which shape it is of."""
    return tuple((hint, shape.any_case, place) for place, shape in enumerate(shapes(run=True)) for hint in shape.hints)
