resource "aws_iam_openid_connect_provider" "github" {
  count = var.existing_oidc_provider ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

module "plan" {
  source = "../modules/github-role"

  name         = "${var.project}-plan"
  description  = "Plans: reads Terraform's state and what it describes"
  provider_arn = local.arn.provider
  subjects     = local.roles.plan.subjects
  claims       = local.roles.plan.claims
  policies     = local.policies.plan

  max_session_seconds = local.roles.plan.session_seconds

  depends_on = [aws_iam_openid_connect_provider.github]
}

module "deploy" {
  source = "../modules/github-role"

  name         = "${var.project}-deploy"
  description  = "Builds and releases: pushes images, reads them, and checks whether they run"
  provider_arn = local.arn.provider
  subjects     = local.roles.deploy.subjects
  claims       = local.roles.deploy.claims
  policies     = local.policies.deploy

  max_session_seconds = local.roles.deploy.session_seconds

  depends_on = [aws_iam_openid_connect_provider.github]
}

module "apply" {
  source   = "../modules/github-role"
  for_each = toset(var.environments)

  name         = "${var.project}-apply-${each.key}"
  description  = "Applies Terraform for the registry and the environment ${each.key}"
  provider_arn = local.arn.provider
  subjects     = local.roles["apply-${each.key}"].subjects
  claims       = local.roles["apply-${each.key}"].claims
  policies     = local.policies["apply-${each.key}"]

  max_session_seconds = local.roles["apply-${each.key}"].session_seconds

  depends_on = [aws_iam_openid_connect_provider.github]
}
