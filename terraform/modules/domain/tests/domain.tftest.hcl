mock_provider "aws" {
  mock_data "aws_route53_zone" {
    defaults = { zone_id = "Z0123456789ABCDEFGHIJ" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      domain_validation_options = [{
        domain_name           = "*.dev.example.com"
        resource_record_name  = "_1234.dev.example.com."
        resource_record_type  = "CNAME"
        resource_record_value = "_5678.acm-validations.aws."
      }]
    }
  }
  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555" }
  }
}

variables {
  domain = "dev.example.com"
  zone   = "example.com"
}

run "one_certificate_serves_every_app" {
  assert {
    condition     = aws_acm_certificate.this.domain_name == "*.dev.example.com" && aws_acm_certificate.this.validation_method == "DNS"
    error_message = "An app that comes later needs no certificate of its own."
  }

  assert {
    condition     = data.aws_route53_zone.this.name == "example.com" && data.aws_route53_zone.this.private_zone == false
    error_message = "The zone is looked up by its own name, and is a public one."
  }

  assert {
    condition     = aws_route53_record.validation.name == "_1234.dev.example.com." && aws_route53_record.validation.zone_id == output.zone_id && aws_route53_record.validation.records == toset(["_5678.acm-validations.aws."])
    error_message = "AWS finds the record that it asked for."
  }
}

run "a_domain_is_in_its_zone" {
  command = plan
  variables { zone = "ample.com" }
  expect_failures = [var.zone]
}
