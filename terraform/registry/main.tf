locals {
  tags = {
    "slipway:project"    = var.project
    "slipway:managed-by" = "terraform/registry" # no environment: all of them pull from here
  }

  # All that an apply does with the key, and what ECR asks of it in the caller's name: a grant for each repository.
  manage_key = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
  ]
}

resource "aws_kms_key" "this" {
  #checkov:skip=CKV_AWS_33:The wildcard is bound to the account and to the names of its roles that apply
  description             = "Images of ${var.project}"
  enable_key_rotation     = true
  deletion_window_in_days = 7

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
        # By condition: whichever environment delivers first makes the key for all of them, and those to come have no role yet.
        Sid       = "Manage"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = local.manage_key
        Resource  = "*"
        Condition = {
          StringEquals = { "kms:CallerAccount" = var.account }
          ArnLike      = { "aws:PrincipalArn" = "arn:aws:iam::${var.account}:role/${var.project}-apply-*" }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.project}/registry" # no environment, whose key is <project>-<environment>, can have this name
  target_key_id = aws_kms_key.this.key_id
}

module "image" {
  source   = "../modules/repository"
  for_each = toset(var.images)

  name    = "${var.project}/${each.key}"
  key_arn = aws_kms_key.this.arn
}

module "build_cache" {
  source = "../modules/repository"

  name              = "${var.project}/build-cache"
  key_arn           = aws_kms_key.this.arn
  mutable           = true
  expire_after_days = 14
}
