# The zone is not ours: whoever owns the name made it, and it outlives every environment.
data "aws_route53_zone" "this" {
  name         = var.zone
  private_zone = false
}

# One for every app, also for those that come later.
resource "aws_acm_certificate" "this" {
  domain_name       = "*.${var.domain}"
  validation_method = "DNS"

  lifecycle {
    # A load balancer keeps the one that it has until it is told of another.
    create_before_destroy = true
  }
}

locals {
  validation = one(aws_acm_certificate.this.domain_validation_options)
}

# By which AWS sees that the name is ours; it looks again before each renewal, so the record stays.
# https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
resource "aws_route53_record" "validation" {
  zone_id = data.aws_route53_zone.this.zone_id
  name    = local.validation.resource_record_name
  type    = local.validation.resource_record_type
  records = [local.validation.resource_record_value]
  ttl     = 60

  # An account always has the same record for a name: one that an interrupted run has left is the right one.
  allow_overwrite = true
}

# Whoever uses the certificate comes after it was issued.
resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]
}
