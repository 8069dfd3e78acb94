"""Shapes: how the tokens of services look, from detect-secrets' plugins and, for what these lack, from the services' own pages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

RANDOM_BITS = 3.0  # a character, in what is no word: forty hexadecimal digits have 3.6 or so


@dataclass(frozen=True, slots=True)
class Shape:
    """What the secrets of a kind look like. `hints` are the fixed parts of them, one of which each has, in small letters where
    `any_case`; without one, a shape is looked for where there are long runs of letters and digits. `accept` says no to what only looks
    so."""

    kind: str
    hints: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    any_case: bool = False
    accept: Callable[[str], bool] | None = None


def bits(value: str) -> float:
    """Return how many bits a character of a text says, by how often each occurs."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def is_random(value: str) -> bool:
    """Tell whether a text has digits and letters, in no order that a person would write."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and bits(value) >= RANDOM_BITS


def _shape(kind: str, *hints: str, pattern: str, accept: Callable[[str], bool] | None = is_random) -> Shape:
    return Shape(kind, hints, (re.compile(pattern),), accept=accept)


SHAPES = (
    _shape("github-token", "github_pat_", pattern=r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
    _shape("google-api-key", "AIza", pattern=r"\bAIza[\w-]{35}(?![\w-])"),
    _shape("google-oauth-secret", "GOCSPX-", pattern=r"\bGOCSPX-[\w-]{28}"),
    _shape("google-oauth-token", "ya29.", pattern=r"\bya29\.[\w-]{20,500}"),
    _shape("anthropic-key", "sk-ant-", pattern=r"\bsk-ant-[\w-]{20,200}"),
    _shape("openai-token", "sk-proj-", "sk-svcacct-", "sk-admin-", pattern=r"\bsk-(?:proj|svcacct|admin)-[\w-]{20,300}"),
    _shape("openai-token", "sk-", pattern=r"\bsk-[A-Za-z0-9]{32,64}(?![\w-])"),
    _shape("huggingface-token", "hf_", pattern=r"\bhf_[A-Za-z0-9]{30,40}(?!\w)", accept=lambda value: bits(value) >= RANDOM_BITS),
    _shape("groq-key", "gsk_", pattern=r"\bgsk_[A-Za-z0-9]{40,60}"),
    _shape("replicate-token", "r8_", pattern=r"\br8_[A-Za-z0-9]{37}(?!\w)"),
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
    _shape("azure-client-secret", "8Q~", pattern=r"(?<![\w~.-])[\w~.-]{3}8Q~[\w~.-]{31,34}(?![\w~.-])"),
    _shape("azure-signature", "sig=", pattern=r"\bsig=[\w%+/]{40,100}(?:%3[dD]|=)"),
    Shape(
        "authorization",
        ("bearer", "basic "),
        (re.compile(r"(?i)\b(?:bearer|basic)['\":, ]{1,4}([\w+/.~-]{16,500}={0,2})"),),
        any_case=True,
        accept=is_random,
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


# Of each plugin: its module and class, the kind that we say, and the hints; what only a service's name could tell is left to names.
_PLUGINS: tuple[tuple[str, str, str, tuple[str, ...], bool, Callable[[str], bool] | None], ...] = (
    ("artifactory", "ArtifactoryDetector", "artifactory-token", (), False, is_random),
    ("aws", "AWSKeyDetector", "aws-access-key", ("akia", "asia", "abia", "acca", "a3t", "aws"), True, is_random),
    ("azure_storage_key", "AzureStorageKeyDetector", "azure-storage-key", ("AccountKey=",), False, is_random),
    ("basic_auth", "BasicAuthDetector", "password-in-address", ("://",), False, _is_password),
    ("cloudant", "CloudantDetector", "cloudant-key", ("cloudant",), True, None),
    ("discord", "DiscordBotTokenDetector", "discord-token", (), False, is_random),
    ("github_token", "GitHubTokenDetector", "github-token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), False, None),
    ("gitlab_token", "GitLabTokenDetector", "gitlab-token", ("gl", "GR1348941"), False, None),
    ("ibm_cloud_iam", "IbmCloudIamDetector", "ibm-key", ("ibm", "iam"), True, is_random),
    ("ibm_cos_hmac", "IbmCosHmacDetector", "ibm-key", ("secret",), True, is_random),
    ("jwt", "JwtTokenDetector", "json-web-token", ("eyJ",), False, None),
    ("mailchimp", "MailchimpDetector", "mailchimp-key", ("-us",), False, is_random),
    ("npm", "NpmDetector", "npm-token", (":_authToken=",), False, is_random),
    ("openai", "OpenAIDetector", "openai-token", ("T3BlbkFJ",), False, None),
    ("pypi_token", "PypiTokenDetector", "pypi-token", ("pypi-Ag",), False, None),
    ("sendgrid", "SendGridDetector", "sendgrid-key", ("SG.",), False, None),
    ("slack", "SlackDetector", "slack-token", ("xox", "hooks.slack.com"), True, None),
    ("softlayer", "SoftlayerDetector", "softlayer-key", ("softlayer",), True, is_random),
    ("square_oauth", "SquareOAuthDetector", "square-token", ("sq0csp-",), False, None),
    ("stripe", "StripeDetector", "stripe-key", ("k_live_",), False, None),
    ("telegram_token", "TelegramBotTokenDetector", "telegram-token", (), False, is_random),
    ("twilio", "TwilioKeyDetector", "twilio-key", (), False, is_random),
)


@cache
def plugin_shapes() -> tuple[Shape, ...]:
    """Return detect-secrets' plugins as shapes: their patterns without its scanner, which takes ten times as long for a passage."""
    shapes = []
    for module, name, kind, hints, any_case, accept in _PLUGINS:
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        accept = plugin.is_formally_valid if kind == "json-web-token" else accept  # noqa: PLW2901  # the plugin's own word on it
        shapes.append(Shape(kind, hints, tuple(plugin.denylist), any_case, accept))
    return tuple(shapes)
