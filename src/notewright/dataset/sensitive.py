"""Sensitive files: names under which keys and passwords are kept, whatever is in them."""

from __future__ import annotations

import re

# Of the last part of a path, in small letters.
_NAME = re.compile(
    r"""
    (?: \.env(?:rc|[.\-_].*)? | .*\.env                                                # dotenv
      | (?:\.|_)netrc | \.npmrc | \.yarnrc\.yml | \.pypirc | \.pgpass | \.my\.cnf | \.htpasswd | \.htaccess | \.s3cfg | \.boto
      | \.git-credentials | \.dockercfg | \.dockerconfigjson | \.terraformrc | terraform\.rc | \.vault-token | \.gem_credentials | \.esmtprc
      | \.(?:ba|z|k)?sh_history | \.(?:python|psql|mysql|node_repl|irb|sqlite|rediscli)_history
      | (?:.*[._-])?id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:[_-][^.]*|\.(?!pub$).*)?            # keys of ssh
      | .*\.(?:pem|key|p12|pfx|pkcs12|p8|jks|keystore|truststore|bks|kdbx?|ppk|ovpn|gpg|pgp|asc|agekey|mobileprovision|publishsettings)
      | .*\.tfstate(?:\..*)? | .*\.tfvars(?:\.json)?                                    # the state and the variables of terraform
      | (?:credentials?|secrets?)(?:\..*)?
      | .*(?:credentials?|secrets?)[\w-]*\.(?:json|ya?ml|toml|ini|cfg|conf|config|properties|xml|plist|txt|csv|enc|sops|sql|sh)
      | (?:service[_-]?account|client_secret|application_default_credentials).*\.json | (?:.*[._-])?kubeconfig(?:\..*)?
      | wp-config\.php | \.?passwd | shadow | keyring | keystore\.properties | local_settings\.py | google-services\.json
    )""",
    re.VERBOSE | re.DOTALL,
)
_FOLDERS = ("/.ssh/", "/.gnupg/", "/.aws/", "/.azure/", "/.gcloud/", "/.kube/", "/.docker/", "/.password-store/")


def is_sensitive(path: str) -> bool:
    """Tell whether a file of this path usually holds keys or passwords."""
    lowered = f"/{path.lower()}"
    return bool(_NAME.fullmatch(lowered, lowered.rfind("/") + 1)) or ("/." in lowered and any(folder in lowered for folder in _FOLDERS))
