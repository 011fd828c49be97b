mock_provider "aws" {
  mock_data "aws_route53_zone" {
    defaults = { arn = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/slipway" }
  }
}

variables {
  project      = "slipway"
  region       = "us-east-1"
  account      = "123456789012"
  repository   = "octo-org/octo-repo"
  branch       = "main"
  environments = ["dev", "prod"]
}

run "each_role_trusts_exactly_its_own_jobs" {
  command = plan

  assert {
    condition = jsondecode(module.plan.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == [
      "repo:octo-org/octo-repo:pull_request", "repo:octo-org/octo-repo:ref:refs/heads/main",
    ]
    error_message = "Plans run for pull requests and on the branch."
  }

  assert {
    condition = jsondecode(module.deploy.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == [
      "repo:octo-org/octo-repo:ref:refs/heads/main",
    ]
    error_message = "Images are pushed from the branch only."
  }

  assert {
    condition = { for name, role in module.apply : name => jsondecode(role.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] } == {
      dev  = ["repo:octo-org/octo-repo:environment:dev"]
      prod = ["repo:octo-org/octo-repo:environment:prod"]
    }
    error_message = "Each environment's role is for its own jobs."
  }
}

run "what_changes_something_is_bound_to_the_branch_and_its_workflow_files" {
  command = plan

  assert {
    condition = { for name, role in { deploy = module.deploy, apply = module.apply["dev"] } : name => {
      for claim in ["ref", "job_workflow_ref"] : claim => jsondecode(role.trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:${claim}"]
      } } == {
      deploy = {
        ref = ["refs/heads/main"]
        job_workflow_ref = [
          "octo-org/octo-repo/.github/workflows/deliver.yml@refs/heads/main", "octo-org/octo-repo/.github/workflows/destroy.yml@refs/heads/main",
        ]
      }
      apply = {
        ref = ["refs/heads/main"]
        job_workflow_ref = [
          "octo-org/octo-repo/.github/workflows/deliver.yml@refs/heads/main", "octo-org/octo-repo/.github/workflows/destroy.yml@refs/heads/main",
          "octo-org/octo-repo/.github/workflows/lease.yml@refs/heads/main",
        ]
      }
    }
    error_message = "An environment that nobody protected takes jobs of any branch and any workflow."
  }
}

run "the_immutable_form_is_a_second_exact_value" {
  command = plan
  variables { repository_ids = { owner_id = "123456", repository_id = "456789" } }

  assert {
    condition     = jsondecode(module.apply["dev"].trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:repository_id"] == ["456789"]
    error_message = "Where the number is known, a name alone is not believed."
  }

  assert {
    condition = jsondecode(module.apply["dev"].trust_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == [
      "repo:octo-org/octo-repo:environment:dev", "repo:octo-org@123456/octo-repo@456789:environment:dev",
    ]
    error_message = "Names alone, and names with ids, are both trusted, and nothing between them."
  }
}

run "the_state_is_versioned_and_encrypted_and_private" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "slipway-state-123456789012-us-east-1" && aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "The state can be brought back."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.state.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false" && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    error_message = "Nothing unencrypted and nobody unknown."
  }
}

run "plans_and_builds_cannot_write_terraform_s_things" {
  command = plan

  assert {
    condition     = alltrue([for statement in concat(local.read, local.inventory, local.doctor) : alltrue([for action in statement.Action : can(regex("^[a-z0-9]+:(Get|List|Describe|BatchGet|View|Simulate)", action))])])
    error_message = "The plan role only reads."
  }

  assert {
    condition     = alltrue([for statement in local.images : alltrue([for action in statement.Action : startswith(action, "ecr:")])])
    error_message = "Of AWS, builds and releases change nothing but the registry."
  }

  assert {
    condition     = flatten([for statement in local.verify : statement.Action]) == ["eks:DescribeCluster"] && alltrue([for statement in local.verify : endswith(statement.Resource, ":cluster/slipway-*")])
    error_message = "A release only asks where the project's clusters are."
  }
}

run "no_role_can_give_itself_more" {
  command = plan

  assert {
    condition = length(setintersection(
      toset(flatten([for statement in concat(local.cluster["dev"], local.network["dev"], local.sweep["dev"], local.registry, local.state["dev"]) : statement.Action])),
      ["iam:PutRolePolicy", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:CreateAccessKey", "iam:PutUserPolicy", "iam:AttachUserPolicy", "sts:AssumeRole"],
    )) == 0
    error_message = "An apply can only hand out the policies of AWS that are named."
  }

  assert {
    condition     = alltrue(flatten([for statement in concat(local.cluster["dev"], local.network["dev"], local.sweep["dev"], local.registry, local.state["dev"]) : [for action in statement.Action : !strcontains(action, "*")]]))
    error_message = "Every permission to write is named."
  }

  # The limit is IAM's: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  assert {
    condition     = alltrue([for statements in [local.read, local.inventory, local.doctor, local.registry, local.network["prod"], local.cluster["prod"], local.sweep["prod"], local.state["prod"]] : length(jsonencode({ Version = "2012-10-17", Statement = statements })) <= 6144])
    error_message = "A policy holds at most 6,144 characters."
  }
}

run "what_is_left_of_one_environment_is_removed_by_its_role_alone" {
  command = plan

  assert {
    condition = alltrue([
      for statement in local.sweep["dev"] : can(statement.Condition.StringEquals) ?
      alltrue([for key, value in statement.Condition.StringEquals : strcontains("${key}=${jsonencode(value)}", "slipway") || key == "ec2:CreateAction" || statement.Sid == "OfGuardDuty"]) :
      alltrue([for resource in flatten([statement.Resource]) : strcontains(resource, "slipway-dev") || strcontains(resource, "slipway/")])
    ])
    error_message = "Every statement is tied to the project or the environment, by tags or by name."
  }

  # GuardDuty's tag is the same in every VPC of the account.
  assert {
    condition = [for statement in local.sweep["dev"] : [statement.Action, statement.Condition] if statement.Sid == "OfGuardDuty"] == [[
      ["ec2:DeleteVpcEndpoints", "ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
      { StringEquals = { "aws:ResourceTag/GuardDutyManaged" = "true" } },
    ]]
    error_message = "Of GuardDuty, only what it put into a VPC goes."
  }

  assert {
    condition     = alltrue([for statement in local.sweep["dev"] : alltrue([for action in statement.Action : !startswith(action, "s3:")])])
    error_message = "The state, and every version of it, stays."
  }

  assert {
    condition     = length(setintersection(toset(flatten([for statement in local.sweep["dev"] : statement.Resource])), toset(flatten([for statement in local.sweep["prod"] : statement.Resource if !can(statement.Condition.StringEquals) && statement.Sid != "Images"])))) == 0
    error_message = "What is known by name is one environment's."
  }
}

run "the_longest_names_fit_into_policies_too" {
  command = plan
  variables {
    project      = "twentylettersofittoo"
    region       = "ap-southeast-4"
    environments = ["twenty-letters-more"]
  }

  assert {
    condition     = alltrue([for statements in [local.read, local.inventory, local.doctor, local.registry, local.network["twenty-letters-more"], local.cluster["twenty-letters-more"], local.sweep["twenty-letters-more"], local.state["twenty-letters-more"]] : length(jsonencode({ Version = "2012-10-17", Statement = statements })) <= 6144])
    error_message = "A policy holds at most 6,144 characters."
  }
}

run "without_a_domain_no_role_has_to_do_with_names" {
  command = plan

  assert {
    condition     = !contains(keys(local.policies["apply-dev"]), "names") && length(aws_iam_policy.external_dns) == 0
    error_message = "Names are for environments that have a domain."
  }
}

run "a_domain_s_records_are_its_environment_s_alone" {
  command = plan
  variables {
    domains = { dev = "dev.example.com", prod = "example.com" }
    zones   = { dev = "example.com", prod = "example.com" }
  }

  assert {
    condition = alltrue([for environment in ["dev", "prod"] : alltrue([
      for statement in concat(local.naming[environment], jsondecode(aws_iam_policy.external_dns[environment].policy).Statement) :
      jsonencode(statement.Condition["ForAllValues:StringLike"]) == jsonencode({ "route53:ChangeResourceRecordSetsNormalizedRecordNames" = ["*.${var.domains[environment]}"] }) &&
      jsonencode(statement.Condition["ForAllValues:StringNotLike"]) == jsonencode({ "route53:ChangeResourceRecordSetsNormalizedRecordNames" = ["*.*.${var.domains[environment]}"] }) &&
      statement.Condition.Null["route53:ChangeResourceRecordSetsNormalizedRecordNames"] == "false"
      if statement.Sid == "Records"
    ])])
    error_message = "prod's domain ends dev's names, and its pattern would match them, too."
  }

  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_policy.external_dns["dev"].policy).Statement : (
      statement.Sid == "Zones" ? statement.Action == ["route53:ListHostedZones"] : statement.Resource == "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
    )])
    error_message = "ExternalDNS changes and reads one zone, and lists the others' names."
  }

  assert {
    condition     = jsondecode(aws_iam_policy.external_dns["dev"].policy).Statement[0].Condition["ForAllValues:StringEquals"]["route53:ChangeResourceRecordSetsRecordTypes"] == ["A", "AAAA", "TXT"]
    error_message = "It changes no CNAME: ACM's proof that the domain is ours is one."
  }

  assert {
    condition     = aws_iam_policy.external_dns["dev"].name == "slipway-dev.external-dns" && local.naming["dev"][4].Condition.ArnEqualsIfExists["iam:PolicyARN"] == ["arn:aws:iam::123456789012:policy/slipway-dev.external-dns"]
    error_message = "The one policy of the account that an apply can hand out is this."
  }

  assert {
    condition     = length(local.policies["apply-dev"]["names"]) <= 6144 && length(local.policies["apply-dev"]) <= 10
    error_message = "A policy holds at most 6,144 characters, and a role ten policies."
  }
}

run "a_domain_in_a_zone_that_does_not_end_it" {
  command = plan
  variables {
    domains = { dev = "dev.example.com" }
    zones   = { dev = "ample.com" }
  }
  expect_failures = [var.zones]
}

run "two_environments_with_one_domain" {
  command = plan
  variables {
    domains = { dev = "example.com", prod = "example.com" }
    zones   = { dev = "example.com", prod = "example.com" }
  }
  expect_failures = [var.domains]
}

run "every_repository_of_an_organization" {
  command = plan
  variables { repository = "octo-org/*" }
  expect_failures = [var.repository]
}

run "no_owner" {
  command = plan
  variables { repository = "octo-repo" }
  expect_failures = [var.repository]
}

run "no_repository" {
  command = plan
  variables { repository = "" }
  expect_failures = [var.repository]
}

run "every_branch" {
  command = plan
  variables { branch = "*" }
  expect_failures = [var.branch]
}

run "no_branch" {
  command = plan
  variables { branch = "" }
  expect_failures = [var.branch]
}

run "an_id_is_missing" {
  command = plan
  variables { repository_ids = { owner_id = "123456", repository_id = "" } }
  expect_failures = [var.repository_ids]
}

run "an_environment_called_apply" {
  command = plan
  variables { environments = ["apply"] }
  expect_failures = [var.environments]
}

run "an_environment_whose_name_begins_like_a_pipeline_role_s" {
  command = plan
  variables { environments = ["apply-dev", "dev-eu"] }
  expect_failures = [var.environments]
}

run "a_project_whose_name_could_end_in_two_places" {
  command = plan
  variables { project = "slip-way" }
  expect_failures = [var.project]
}

run "one_environment_s_name_begins_another_s" {
  command = plan
  variables { environments = ["dev", "dev-eu"] }
  expect_failures = [var.environments]
}

run "no_environment" {
  command = plan
  variables { environments = [] }
  expect_failures = [var.environments]
}

run "another_partition" {
  command = plan
  variables { region = "cn-north-1" }
  expect_failures = [var.region]
}
