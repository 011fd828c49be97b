output "arn" {
  description = "The role's ARN."
  value       = aws_iam_role.this.arn
}

output "trust_policy" {
  description = "Who may take on the role, as JSON."
  value       = local.trust
}
