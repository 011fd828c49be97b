locals {
  tags = {
    "slipway:project"    = var.project
    "slipway:managed-by" = "terraform/registry" # no environment: all of them pull from here
  }
}

resource "aws_kms_key" "this" {
  description             = "Images of ${var.project}"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  # Without it nobody could ever change or delete the key; IAM policies decide who may. ECR uses it by grants of its own.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
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
