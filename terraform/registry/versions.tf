terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Bucket, key and region come from `terraform init -backend-config`: <project>-state-<account>-<region>,
  # registry/terraform.tfstate.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  # Credentials of another account end the run before anything is read or changed.
  allowed_account_ids = [var.account]

  default_tags {
    tags = local.tags
  }
}
