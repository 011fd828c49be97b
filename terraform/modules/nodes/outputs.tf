output "node_group_name" {
  description = "The node group's name."
  value       = aws_eks_node_group.this.node_group_name
}

output "role_arn" {
  description = "The role of the nodes."
  value       = aws_iam_role.this.arn
}
