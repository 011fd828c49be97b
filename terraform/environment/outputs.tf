output "environment" {
  description = "The environment's name."
  value       = var.environment
}

output "region" {
  description = "The AWS region."
  value       = var.region
}

output "vpc_id" {
  description = "The VPC's id."
  value       = module.network.vpc_id
}

output "public_subnet_ids" {
  description = "The public subnets, one a zone."
  value       = module.network.public_subnet_ids
}

output "private_subnet_ids" {
  description = "The private subnets, one a zone."
  value       = module.network.private_subnet_ids
}

output "nat_addresses" {
  description = "The public addresses from which nodes and pods reach the internet."
  value       = module.network.nat_addresses
}

output "cluster_name" {
  description = "The cluster's name; null without a cluster, as everything that begins with cluster_."
  value       = one(module.cluster[*].name)
}

output "cluster_arn" {
  description = "The cluster's ARN."
  value       = one(module.cluster[*].arn)
}

output "cluster_endpoint" {
  description = "The address of the Kubernetes API."
  value       = one(module.cluster[*].endpoint)
}

output "cluster_certificate_authority" {
  description = "The certificate that signs the Kubernetes API's own, in base64."
  value       = one(module.cluster[*].certificate_authority)
}

output "cluster_security_group_id" {
  description = "The security group that EKS gives to the control plane and its nodes."
  value       = one(module.cluster[*].security_group_id)
}

output "cluster_version" {
  description = "The Kubernetes version that runs."
  value       = one(module.cluster[*].version)
}

output "cluster_log_group" {
  description = "Where the control plane logs to."
  value       = one(module.cluster[*].log_group)
}

output "node_group_names" {
  description = "The node groups' names; null without a cluster."
  value       = one(module.nodes[*].node_group_names)
}

output "domain" {
  description = "What the apps' names end in; null without one."
  value       = var.domain
}

output "certificate_arn" {
  description = "The certificate of the apps' names; null without a domain."
  value       = one(module.domain[*].certificate_arn)
}
