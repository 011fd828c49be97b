mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/slipway-dev.cluster" }
  }
}

variables {
  name                = "slipway-dev"
  kubernetes_version  = "1.35"
  account             = "123456789012"
  region              = "us-east-1"
  subnet_ids          = ["subnet-1", "subnet-2"]
  public_access_cidrs = ["203.0.113.0/24"]
  manager_arn         = "arn:aws:iam::123456789012:role/slipway-apply-dev"
  access = {
    apply  = { principal_arn = "arn:aws:iam::123456789012:role/slipway-apply-dev", policy = "AmazonEKSClusterAdminPolicy" }
    plan   = { principal_arn = "arn:aws:iam::123456789012:role/slipway-plan", policy = "AmazonEKSViewPolicy" }
    deploy = { principal_arn = "arn:aws:iam::123456789012:role/slipway-deploy", groups = ["slipway:verify"] }
  }
}

run "secrets_and_logs_are_encrypted_with_a_key_of_ours" {
  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.this.arn
    error_message = "Kubernetes secrets are encrypted with KMS."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_cloudwatch_log_group.this.kms_key_id == aws_kms_key.this.arn
    error_message = "The key rotates and encrypts the logs too."
  }
}

run "the_key_can_be_used_before_its_tags_count" {
  command = plan

  assert {
    condition = [for each in jsondecode(aws_kms_key.this.policy).Statement : each.Condition if each.Sid == "Manage"] == [
      { StringEquals = { "kms:CallerAccount" = "123456789012", "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/slipway-apply-dev" } },
    ]
    error_message = "The role that makes the key is named, without a condition on tags, and nobody else is."
  }

  # What the provider, EKS and CloudWatch Logs do with a key that was just made.
  assert {
    condition     = length(setsubtract(["kms:EnableKeyRotation", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:CreateAlias", "kms:CreateGrant", "kms:PutKeyPolicy"], local.manage_key)) == 0
    error_message = "All that follows the creation is allowed by the key itself."
  }

  assert {
    condition     = length(setintersection(["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReplicateKey"], local.manage_key)) == 0
    error_message = "Whoever manages the key does not read with it."
  }
}

run "who_did_what_is_logged_where_we_keep_it" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator"])
    error_message = "api, audit and authenticator are logged."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/eks/slipway-dev/cluster" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The log group is the one that EKS writes to, and forgets."
  }
}

run "access_comes_from_entries_only" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "Who creates the cluster gets nothing for it, and no ConfigMap grants anything."
  }

  assert {
    condition = { for name, each in aws_eks_access_policy_association.this : each.principal_arn => each.policy_arn } == {
      "arn:aws:iam::123456789012:role/slipway-apply-dev" = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
      "arn:aws:iam::123456789012:role/slipway-plan"      = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    }
    error_message = "Each role gets its own policy, and one that has only groups gets none."
  }

  assert {
    condition     = aws_eks_access_entry.this["deploy"].kubernetes_groups == toset(["slipway:verify"])
    error_message = "Who has no policy of AWS has a group that RBAC knows."
  }
}

run "the_api_is_reached_from_named_networks" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"]) && aws_eks_cluster.this.vpc_config[0].endpoint_private_access
    error_message = "From outside only the named networks reach the API; nodes stay inside."
  }

  assert {
    condition     = !aws_eks_cluster.this.bootstrap_self_managed_addons && aws_eks_cluster.this.upgrade_policy[0].support_type == "STANDARD"
    error_message = "Add-ons are ours, and nobody slides into extended support."
  }
}

run "no_network_named" {
  command = plan
  variables { public_access_cidrs = [] }
  expect_failures = [var.public_access_cidrs]
}

run "not_a_version" {
  command = plan
  variables { kubernetes_version = "latest" }
  expect_failures = [var.kubernetes_version]
}
