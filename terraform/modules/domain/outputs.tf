output "certificate_arn" {
  description = "The certificate for every name below the domain. It is issued when this is known."
  value       = aws_acm_certificate_validation.this.certificate_arn
}

output "zone_id" {
  description = "The hosted zone's id."
  value       = data.aws_route53_zone.this.zone_id
}
