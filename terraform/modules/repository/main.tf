locals {
  # What an environment runs is tagged: a release names images by the digest behind their content key, and the tag cannot
  # be moved to another one. So images without a tag are leftovers of pushes that did not finish.
  untagged = {
    description  = "Leftovers of pushes that did not finish"
    rulePriority = 1
    selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
    action       = { type = "expire" }
  }

  expired = {
    description  = "Cache that nobody renewed"
    rulePriority = 2
    selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = var.expire_after_days }
    action       = { type = "expire" }
  }
}

resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_163:The registry's own rules scan what is pushed (terraform/bootstrap/README.md); a repository's settings are deprecated
  #checkov:skip=CKV_AWS_51:Immutable but for the build cache, whose tags are replaced by design
  name                 = var.name
  image_tag_mutability = var.mutable ? "MUTABLE" : "IMMUTABLE"

  # A repository leaves the list only when neither the tree builds its image nor any environment runs it. Stopping then,
  # because it is not empty, would block every later delivery and save nothing: a content key can be built again.
  force_delete = true

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy     = jsonencode({ rules = concat([local.untagged], var.expire_after_days == null ? [] : [local.expired]) })
}
