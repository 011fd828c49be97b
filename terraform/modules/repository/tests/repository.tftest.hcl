mock_provider "aws" {}

variables {
  name    = "slipway/guests-api"
  key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "an_image_cannot_be_replaced" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE"
    error_message = "Tags are immutable."
  }

  # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html
  assert {
    condition     = length(aws_ecr_repository.this.image_scanning_configuration) == 0
    error_message = "The registry's rules say what is scanned; a repository's own settings are deprecated."
  }

  assert {
    condition     = aws_ecr_repository.this.encryption_configuration[0].encryption_type == "KMS" && aws_ecr_repository.this.encryption_configuration[0].kms_key == var.key_arn
    error_message = "Images are encrypted with the registry's key."
  }
}

run "what_an_environment_runs_never_expires" {
  command = plan

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : rule.selection.tagStatus] == ["untagged"]
    error_message = "Every image that runs has a tag: only untagged ones may expire."
  }
}

run "a_cache_expires_and_can_be_replaced" {
  command = plan
  variables {
    mutable           = true
    expire_after_days = 14
  }

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "MUTABLE" && [for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : rule.selection.tagStatus] == ["untagged", "any"]
    error_message = "A cache is replaced, and goes when nobody renews it."
  }
}
