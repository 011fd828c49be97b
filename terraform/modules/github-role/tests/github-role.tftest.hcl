mock_provider "aws" {
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/slipway-plan-read" }
  }
}

variables {
  name         = "slipway-plan"
  description  = "Plans"
  provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  subjects     = ["repo:octo-org/octo-repo:pull_request", "repo:octo-org/octo-repo:ref:refs/heads/main"]
  policies     = { read = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

run "the_whole_trust" {
  command = plan

  assert {
    condition = aws_iam_role.this.assume_role_policy == jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = var.provider_arn }
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = var.subjects
          }
        }
      }]
    })
    error_message = "One provider, one audience, exact subjects, and nothing else."
  }
}

run "claims_are_asked_for_too" {
  command = plan
  variables { claims = { ref = ["refs/heads/main"], job_workflow_ref = ["octo-org/octo-repo/.github/workflows/deliver.yml@refs/heads/main"] } }

  assert {
    condition = jsonencode(jsondecode(output.trust_policy).Statement[0].Condition) == jsonencode({
      StringEquals = {
        "token.actions.githubusercontent.com:aud"              = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub"              = var.subjects
        "token.actions.githubusercontent.com:ref"              = ["refs/heads/main"]
        "token.actions.githubusercontent.com:job_workflow_ref" = ["octo-org/octo-repo/.github/workflows/deliver.yml@refs/heads/main"]
      }
    })
    error_message = "Every claim must be met, beside the subject."
  }
}

run "a_claim_that_aws_does_not_know" {
  command = plan
  variables { claims = { event_name = ["push"] } }
  expect_failures = [var.claims]
}

run "a_claim_with_a_wildcard" {
  command = plan
  variables { claims = { ref = ["refs/heads/*"] } }
  expect_failures = [var.claims]
}

run "a_claim_without_a_value" {
  command = plan
  variables { claims = { ref = [] } }
  expect_failures = [var.claims]
}

run "a_wildcard" {
  command = plan
  variables { subjects = ["repo:octo-org/*:ref:refs/heads/main"] }
  expect_failures = [var.subjects]
}

run "a_whole_organization" {
  command = plan
  variables { subjects = ["repo:octo-org/*"] }
  expect_failures = [var.subjects]
}

run "no_subject" {
  command = plan
  variables { subjects = [] }
  expect_failures = [var.subjects]
}
