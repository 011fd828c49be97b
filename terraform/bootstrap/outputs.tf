output "state_bucket" {
  description = "Where Terraform's state is kept."
  value       = aws_s3_bucket.state.id
}

output "plan_role_arn" {
  description = "The role of plans: reads, never writes."
  value       = module.plan.arn
}

output "deploy_role_arn" {
  description = "The role of builds and releases: pushes and reads images, and checks whether they run."
  value       = module.deploy.arn
}

output "apply_role_arns" {
  description = "The role that applies Terraform, by environment."
  value       = { for name, role in module.apply : name => role.arn }
}
