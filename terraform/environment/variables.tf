variable "project" {
  description = "Begins the name of everything made in AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*$", var.project)) && length(var.project) <= 20
    error_message = "project must be at most 20 lower-case letters and digits, starting with a letter: a hyphen ends it in the names of what it owns."
  }
}

variable "environment" {
  description = "The environment's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.environment)) && length(var.environment) <= 20
    error_message = "environment must be at most 20 lower-case letters, digits and single hyphens, starting with a letter."
  }
}

variable "region" {
  description = "The AWS region, such as us-east-1."
  type        = string

  # ARNs, principals and addresses of services are those of the partition aws everywhere here.
  validation {
    condition     = !can(regex("^(cn|us-gov|[a-z]+-iso[a-z]*|eusc)-", var.region))
    error_message = "region must be one of the partition aws, such as us-east-1: neither China, nor GovCloud, nor an isolated or sovereign one."
  }
}

variable "account" {
  description = "The 12 digits of the AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account))
    error_message = "account must be the 12 digits of the AWS account, in quotes."
  }
}

variable "cluster_enabled" {
  description = "Whether the cluster exists. false takes nodes, add-ons and cluster away and keeps the network."
  type        = bool
  default     = true
}

variable "cluster_version" {
  description = "The Kubernetes minor version."
  type        = string
  default     = "1.36" # in standard support until 2027-08-02: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
}

variable "node_architecture" {
  description = "The processors of all nodes, amd64 or arm64."
  type        = string
  default     = "amd64"
}

variable "node_groups" {
  description = "The node groups by name: instance types, on-demand or spot capacity, and how many nodes there are at least, at first and at most."
  type = map(object({
    types    = list(string)
    capacity = string
    min      = number
    desired  = number
    max      = number
  }))
  default = { default = { types = ["t3.large"], capacity = "on-demand", min = 1, desired = 2, max = 3 } }
}

variable "public_access_cidrs" {
  description = "Networks that may reach the Kubernetes API from outside."
  type        = list(string)
}

variable "admins" {
  description = "The ARNs of the IAM roles and users that may do everything in the cluster, besides the pipeline's own roles."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.admins : can(regex("^arn:aws:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "admins must be ARNs of IAM roles or users, such as arn:aws:iam::123456789012:role/admin: neither root nor a session of a role."
  }
}

variable "vpc_cidr" {
  description = "The VPC's IPv4 network, from /16 to /20."
  type        = string
  default     = "10.0.0.0/16"
}

variable "nat" {
  description = "\"single\" or \"per-zone\" NAT gateways."
  type        = string
  default     = "single"
}

variable "budget_monthly_usd" {
  description = "What a month may cost, in US dollars, before AWS Budgets warns at 80 % of it."
  type        = number

  validation {
    condition     = var.budget_monthly_usd > 0
    error_message = "budget_monthly_usd must be more than 0."
  }
}

variable "budget_email" {
  description = "Who is warned; null: the budget shows its state in the AWS console only."
  type        = string
  default     = null

  validation {
    condition     = var.budget_email == null || can(regex("^[^@\\s]+@[^@\\s]+$", var.budget_email))
    error_message = "budget_email must be one e-mail address, or null."
  }
}

variable "domain" {
  description = "What the apps' names end in: an app answers at https://<app>.<domain>. null: apps have the names of their load balancers, and no TLS."
  type        = string
  default     = null
}

variable "zone" {
  description = "The public hosted zone of the account that the domain is in."
  type        = string
  default     = null

  validation {
    condition     = (var.zone == null) == (var.domain == null)
    error_message = "zone and domain come together, or neither does."
  }
}
