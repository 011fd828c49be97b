"""Starts MiniStack with what it lacks put right inside of it, where no answer could be changed from outside.

AWS also knows these claims of GitHub's tokens as condition keys; MiniStack 1.5.33 knows `aud`, `sub` and `amr` alone, so
that a role whose trust asks for more would be nobody's.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

import sys

from ministack.app import main
from ministack.services import cognito, sts

GITHUB = "token.actions.githubusercontent.com"
CLAIMS = (
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
)

web_identity_principal = sts._web_identity_principal


def with_github_claims(token, provider_id, role_arn):
    principal, keys = web_identity_principal(token, provider_id, role_arn)
    if principal.endswith(f":oidc-provider/{GITHUB}"):
        claims = cognito._decode_id_token_unverified(token)
        keys |= {f"{GITHUB}:{name}": claims[name] for name in CLAIMS if name in claims}
    return principal, keys


sts._web_identity_principal = with_github_claims
sys.exit(main())
