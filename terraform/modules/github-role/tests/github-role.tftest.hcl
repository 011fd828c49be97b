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
