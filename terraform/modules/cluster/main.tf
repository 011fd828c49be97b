locals {
  log_group = "/aws/eks/${var.name}/cluster" # EKS writes to this name and no other

  # All that an apply does with the key, and what EKS asks of it in the caller's name.
  manage_key = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKeyRotation",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
  ]
}

# One key for what the control plane keeps: Kubernetes secrets and its logs.
resource "aws_kms_key" "this" {
  #checkov:skip=CKV_AWS_33:The wildcard is bound to the account and to its role that applies
  description             = "Kubernetes secrets and control plane logs of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Without it nobody could ever change or delete the key; IAM policies decide who may.
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        # IAM knows the key by its tags, which count up to five minutes after it is made; it is used in the same second.
        # https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
        # By condition: a principal must be there when the policy is written, and is another one once it was made again.
        Sid       = "Manage"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = local.manage_key
        Resource  = "*"
        Condition = { StringEquals = { "kms:CallerAccount" = var.account, "aws:PrincipalArn" = var.manager_arn } }
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnEquals = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${var.account}:log-group:${local.log_group}"
          }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

# Made here and not by EKS, so that it has a retention, a key and our tags, and goes with the cluster.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year of control plane logs costs more than an environment that lives for days is worth
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_iam_role" "this" {
  name        = "${var.name}.cluster"
  description = "What EKS itself may do for ${var.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "eks.amazonaws.com" }
    }]
  })
}

# It also holds what EKS' own cloud controller needs for a load balancer: even the service-linked role of an account's
# first one. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEKSClusterPolicy.html
resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_eks_cluster" "this" {
  #checkov:skip=CKV_AWS_339:The newest version that checkov 3.3.30 knows is 1.35; slipway.yaml takes none that EKS does not support
  #checkov:skip=CKV_AWS_37:api, audit and authenticator answer who did what; scheduler and controllerManager are bulk
  #checkov:skip=CKV_AWS_39:GitHub-hosted runners reach the API from outside; every call is authenticated by IAM
  #checkov:skip=CKV_AWS_38:The networks that may reach it are named in slipway.yaml, where the reason stands too
  name     = var.name
  role_arn = aws_iam_role.this.arn
  version  = var.kubernetes_version

  enabled_cluster_log_types = ["api", "audit", "authenticator"]

  # The add-ons are Terraform's, see modules/addons.
  bootstrap_self_managed_addons = false

  access_config {
    authentication_mode = "API"
    # Access comes from the entries below and never from who happened to create the cluster.
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.this.arn
    }
  }

  # Extended support costs six times the price of an hour; an old cluster is upgraded instead.
  upgrade_policy {
    support_type = "STANDARD"
  }

  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true # nodes reach the API without leaving the VPC
    endpoint_public_access  = true
    public_access_cidrs     = var.public_access_cidrs
  }

  # EKS needs the policy until the cluster is gone, and would make the log group again if it came first.
  depends_on = [aws_iam_role_policy_attachment.this, aws_cloudwatch_log_group.this]
}

resource "aws_eks_access_entry" "this" {
  for_each = var.access

  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = each.value.principal_arn
  kubernetes_groups = each.value.groups
}

resource "aws_eks_access_policy_association" "this" {
  for_each = { for name, access in var.access : name => access if access.policy != null }

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.value.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/${each.value.policy}"

  access_scope {
    type = "cluster"
  }

  depends_on = [aws_eks_access_entry.this]
}
