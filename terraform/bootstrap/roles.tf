locals {
  # GitHub names a workflow's repository in `sub` by its names, or by names and ids; both are exact, so both are trusted.
  # https://docs.github.com/actions/reference/openid-connect-reference#immutable-subject-claims
  owner = split("/", var.repository)[0]
  name  = split("/", var.repository)[1]
  repositories = concat(
    ["repo:${var.repository}"],
    var.repository_ids == null ? [] : ["repo:${local.owner}@${var.repository_ids.owner_id}/${local.name}@${var.repository_ids.repository_id}"],
  )

  pull_request = [for repository in local.repositories : "${repository}:pull_request"]
  branch       = [for repository in local.repositories : "${repository}:ref:refs/heads/${var.branch}"]
  environment = {
    for name in var.environments : name => [for repository in local.repositories : "${repository}:environment:${name}"]
  }

  arn = {
    provider     = "arn:aws:iam::${var.account}:oidc-provider/token.actions.githubusercontent.com"
    repositories = "arn:aws:ecr:${var.region}:${var.account}:repository/${var.project}/*"
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.existing_oidc_provider ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# Reads what a plan compares, and the plan of a pull request runs code that nobody has reviewed yet: it never writes.
module "plan" {
  source = "../modules/github-role"

  name         = "${var.project}-plan"
  description  = "Plans: reads Terraform's state and what it describes"
  provider_arn = local.arn.provider
  subjects     = concat(local.pull_request, local.branch)

  policies = {
    read      = jsonencode({ Version = "2012-10-17", Statement = local.read })
    inventory = jsonencode({ Version = "2012-10-17", Statement = local.inventory })
  }

  depends_on = [aws_iam_openid_connect_provider.github]
}

module "deploy" {
  source = "../modules/github-role"

  name         = "${var.project}-deploy"
  description  = "Builds and releases: pushes images, reads them, and looks whether they run"
  provider_arn = local.arn.provider
  subjects     = local.branch

  policies = {
    images  = jsonencode({ Version = "2012-10-17", Statement = local.images })
    verify  = jsonencode({ Version = "2012-10-17", Statement = local.verify })
    reports = jsonencode({ Version = "2012-10-17", Statement = local.reports })
  }

  depends_on = [aws_iam_openid_connect_provider.github]
}

# Only jobs of the environment on GitHub, behind whatever reviewers and branches are set there.
module "apply" {
  source   = "../modules/github-role"
  for_each = toset(var.environments)

  name         = "${var.project}-apply-${each.key}"
  description  = "Applies Terraform for the registry and the environment ${each.key}"
  provider_arn = local.arn.provider
  subjects     = local.environment[each.key]

  # An EKS cluster, its nodes and its add-ons take longer than the usual hour on a bad day.
  max_session_seconds = 2 * 60 * 60

  policies = {
    read      = jsonencode({ Version = "2012-10-17", Statement = local.read })
    inventory = jsonencode({ Version = "2012-10-17", Statement = local.inventory })
    registry  = jsonencode({ Version = "2012-10-17", Statement = local.registry })
    network   = jsonencode({ Version = "2012-10-17", Statement = local.network[each.key] })
    cluster   = jsonencode({ Version = "2012-10-17", Statement = local.cluster[each.key] })
    sweep     = jsonencode({ Version = "2012-10-17", Statement = local.sweep[each.key] })
    state     = jsonencode({ Version = "2012-10-17", Statement = local.state[each.key] })
  }

  depends_on = [aws_iam_openid_connect_provider.github]
}
