mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
}

variables {
  project = "slipway"
  region  = "us-east-1"
  account = "123456789012"
  images  = ["guests-api", "guests-nginx"]
}

run "a_repository_for_each_image_and_one_for_the_cache" {
  assert {
    condition     = keys(output.repositories) == ["guests-api", "guests-nginx"]
    error_message = "Every image has a repository."
  }
}

run "the_key_can_be_used_before_its_tags_count" {
  command = plan

  assert {
    condition = [for each in jsondecode(aws_kms_key.this.policy).Statement : each.Condition if each.Sid == "Manage"] == [
      {
        StringEquals = { "kms:CallerAccount" = "123456789012" }
        ArnLike      = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/slipway-apply-*" }
      },
    ]
    error_message = "The roles that apply are named, without a condition on tags, and nobody else is."
  }

  # What the provider and ECR do with a key that was just made.
  assert {
    condition     = length(setsubtract(["kms:EnableKeyRotation", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:CreateAlias", "kms:CreateGrant", "kms:RetireGrant", "kms:PutKeyPolicy"], local.manage_key)) == 0
    error_message = "All that follows the creation is allowed by the key itself."
  }

  assert {
    condition     = length(setintersection(["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReplicateKey"], local.manage_key)) == 0
    error_message = "Whoever manages the key does not read with it."
  }
}

run "no_image_yet" {
  variables { images = [] }

  assert {
    condition     = output.repositories == {}
    error_message = "A project without images has only the cache."
  }
}

run "the_cache_s_own_name" {
  command = plan
  variables { images = ["build-cache"] }
  expect_failures = [var.images]
}

run "not_an_image_s_name" {
  command = plan
  variables { images = ["Visits/API"] }
  expect_failures = [var.images]
}

run "another_partition" {
  command = plan
  variables { region = "cn-north-1" }
  expect_failures = [var.region]
}
