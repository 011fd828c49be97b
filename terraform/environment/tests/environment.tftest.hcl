mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1c", "us-east-1a", "us-east-1b"] }
  }
  mock_data "aws_eks_addon_version" {
    defaults = { version = "v1.36.0-eksbuild.2" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/slipway-dev.cluster" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn                       = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      domain_validation_options = [{ domain_name = "*.dev.example.com", resource_record_name = "_1.dev.example.com.", resource_record_type = "CNAME", resource_record_value = "_2.acm-validations.aws." }]
    }
  }
  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }
}

variables {
  project             = "slipway"
  environment         = "dev"
  region              = "us-east-1"
  account             = "123456789012"
  public_access_cidrs = ["203.0.113.0/24"]
  budget_monthly_usd  = 150
}

run "tags" {
  command = plan

  assert {
    condition = local.tags == {
      "slipway:project" = "slipway", "slipway:environment" = "dev", "slipway:managed-by" = "terraform/environment",
    }
    error_message = "The teardown finds an environment by these tags."
  }
}

run "without_an_email_nobody_is_warned" {
  command = plan

  assert {
    condition     = length(aws_budgets_budget.this.notification) == 0 && aws_budgets_budget.this.limit_amount == "150.0"
    error_message = "A budget without an address has no notification."
  }
}

run "with_an_email_the_budget_warns_at_80_percent" {
  command = plan
  variables { budget_email = "costs@example.com" }

  assert {
    condition     = length(aws_budgets_budget.this.notification) == 2 && alltrue([for each in aws_budgets_budget.this.notification : each.threshold == 80 && contains(each.subscriber_email_addresses, "costs@example.com")])
    error_message = "Actual and forecast costs warn at 80 %."
  }
}

run "everything_is_made" {
  assert {
    condition     = output.cluster_name == "slipway-dev" && output.node_group_names == tolist(["default"]) && length(output.private_subnet_ids) == 2
    error_message = "An environment has a cluster, a node group and two private subnets."
  }

  assert {
    condition     = length(module.network.nat_addresses) == 1
    error_message = "There is one NAT gateway unless more are asked for."
  }
}

run "without_the_cluster_the_network_stays" {
  variables { cluster_enabled = false }

  assert {
    condition     = output.vpc_id == run.everything_is_made.vpc_id && output.private_subnet_ids == run.everything_is_made.private_subnet_ids
    error_message = "The network outlives the cluster."
  }

  assert {
    condition     = output.cluster_name == null && output.cluster_endpoint == null && output.node_group_names == null
    error_message = "cluster_enabled = false takes cluster and nodes away."
  }

  assert {
    condition     = length(module.nodes) == 0 && length(module.cluster) == 0 && length(module.node_addons) == 0 && length(module.workload_addons) == 0
    error_message = "Nothing of the cluster is left."
  }
}

run "a_gateway_per_zone" {
  variables { nat = "per-zone" }

  assert {
    condition     = length(module.network.nat_addresses) == 2
    error_message = "nat = per-zone makes a NAT gateway in each zone."
  }
}

run "a_cluster_name_cannot_be_misread" {
  command = plan
  variables { environment = "Dev_1" }
  expect_failures = [var.environment]
}

run "an_account_is_12_digits" {
  command = plan
  variables { account = "1234" }
  expect_failures = [var.account]
}

run "administrators_get_in" {
  variables { admins = ["arn:aws:iam::123456789012:role/admin", "arn:aws:iam::123456789012:user/people/ada"] }

  assert {
    condition = toset([for each in module.cluster[0].access_policies : "${each.principal_arn} ${each.policy_arn}"]) == toset([
      for who in ["role/slipway-apply-dev", "role/admin", "user/people/ada"] :
      "arn:aws:iam::123456789012:${who} arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    ])
    error_message = "Each administrator has an entry with the policy, beside the pipeline's."
  }
}

run "root_is_no_administrator" {
  command = plan
  variables { admins = ["arn:aws:iam::123456789012:root"] }
  expect_failures = [var.admins]
}

run "a_session_is_no_administrator" {
  command = plan
  variables { admins = ["arn:aws:sts::123456789012:assumed-role/admin/ada"] }
  expect_failures = [var.admins]
}

run "another_partition" {
  command = plan
  variables { region = "us-gov-west-1" }
  expect_failures = [var.region]
}

run "a_budget_is_more_than_nothing" {
  command = plan
  variables { budget_monthly_usd = 0 }
  expect_failures = [var.budget_monthly_usd]
}

run "without_a_domain_nothing_is_named" {
  command = plan

  assert {
    condition     = length(module.domain) == 0 && output.certificate_arn == null && !contains(module.workload_addons[0].names, "external-dns")
    error_message = "Names and certificates are for environments that have a domain."
  }
}

run "with_a_domain_there_is_a_certificate_and_who_gives_names" {
  variables {
    domain = "dev.example.com"
    zone   = "example.com"
  }

  assert {
    condition     = output.domain == "dev.example.com" && output.certificate_arn == module.domain[0].certificate_arn && contains(module.workload_addons[0].names, "external-dns")
    error_message = "The apps' load balancers are told which certificate to use."
  }

  assert {
    condition     = jsondecode(local.named_addons.external-dns.values).txtOwnerId == "slipway-dev" && jsondecode(local.named_addons.external-dns.values).domainFilters == ["dev.example.com"]
    error_message = "Two environments in one zone never take each other's records."
  }
}

run "a_domain_needs_its_zone" {
  command = plan
  variables { domain = "dev.example.com" }
  expect_failures = [var.zone]
}
