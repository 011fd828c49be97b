output "node_group_names" {
  description = "The node groups' names, sorted."
  value       = sort([for group in aws_eks_node_group.this : group.node_group_name])
}

output "role_arn" {
  description = "The role of the nodes."
  value       = aws_iam_role.this.arn
}
