variable "name" {
  description = "The cluster's name; begins the names of its role, its key's alias and its log group."
  type        = string
}

variable "kubernetes_version" {
  description = "The Kubernetes minor version, such as 1.35."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]+$", var.kubernetes_version))
    error_message = "cluster_version must be a Kubernetes minor version in quotes, such as \"1.35\"."
  }
}

variable "subnet_ids" {
  description = "The private subnets that get the control plane's network interfaces."
  type        = list(string)
}

variable "public_access_cidrs" {
  description = "Networks that may reach the Kubernetes API from outside."
  type        = list(string)

  validation {
    condition     = length(var.public_access_cidrs) > 0 && alltrue([for cidr in var.public_access_cidrs : can(cidrnetmask(cidr))])
    error_message = "public_access_cidrs must name at least one IPv4 network, such as 203.0.113.0/24."
  }
}

variable "access" {
  description = "Who may do what in the cluster: the ARN of an IAM role; the name of an EKS access policy for the whole cluster; Kubernetes groups, which RBAC in the cluster says what they may."
  type = map(object({
    principal_arn = string
    policy        = optional(string)
    groups        = optional(list(string), [])
  }))
}

variable "manager_arn" {
  description = "The IAM role that makes and changes the cluster; the key's policy names it."
  type        = string
}

variable "log_retention_days" {
  description = "How long the control plane's logs are kept."
  type        = number
  default     = 30
}

variable "account" {
  description = "The AWS account's 12 digits."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "deletion_window_days" {
  description = "How long the key can still be rescued after its deletion was asked for: 7 to 30 days. It costs nothing in that time."
  type        = number
  default     = 7
}
