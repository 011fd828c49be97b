mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
}

variables {
  project = "slipway"
  region  = "us-east-1"
  account = "123456789012"
  images  = ["visits-api", "visits-nginx"]
}

run "a_repository_for_each_image_and_one_for_the_cache" {
  assert {
    condition     = keys(output.repositories) == ["visits-api", "visits-nginx"]
    error_message = "Every image has a repository."
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
