output "name" {
  description = "The cluster's name. Whoever uses it comes after the cluster exists."
  value       = aws_eks_cluster.this.name
}

output "arn" {
  description = "The cluster's ARN."
  value       = aws_eks_cluster.this.arn
}

output "endpoint" {
  description = "The address of the Kubernetes API."
  value       = aws_eks_cluster.this.endpoint
}

output "certificate_authority" {
  description = "The certificate that signs the Kubernetes API's own, in base64."
  value       = try(aws_eks_cluster.this.certificate_authority[0].data, "")
}

output "security_group_id" {
  description = "The security group that EKS gives to the control plane and its nodes."
  value       = try(aws_eks_cluster.this.vpc_config[0].cluster_security_group_id, "")
}

output "version" {
  description = "The Kubernetes version that runs."
  value       = aws_eks_cluster.this.version
}

output "log_group" {
  description = "Where the control plane logs to."
  value       = aws_cloudwatch_log_group.this.name
}

output "key_arn" {
  description = "The key that encrypts Kubernetes secrets and control plane logs."
  value       = aws_kms_key.this.arn
}

output "access_policies" {
  description = "Who has which access policy of EKS."
  value       = values(aws_eks_access_policy_association.this)
}
