terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The state lives in the bucket that this root makes. README.md says how the first apply goes.
  backend "s3" {
    key          = "bootstrap/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  # Credentials of another account end the run before anything is read or changed.
  allowed_account_ids = [var.account]

  default_tags {
    tags = {
      "slipway:project"    = var.project
      "slipway:managed-by" = "terraform/bootstrap"
    }
  }
}
