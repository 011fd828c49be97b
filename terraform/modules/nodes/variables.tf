variable "name" {
  description = "Begins the names of the node group's role and launch template."
  type        = string
}

variable "cluster_name" {
  description = "The cluster that the nodes join."
  type        = string
}

variable "kubernetes_version" {
  description = "The Kubernetes minor version of the nodes: the cluster's own."
  type        = string
}

variable "subnet_ids" {
  description = "The private subnets that the nodes run in."
  type        = list(string)
}

variable "architecture" {
  description = "The processors of all nodes, amd64 or arm64: it chooses the machine image."
  type        = string

  validation {
    condition     = contains(["amd64", "arm64"], var.architecture)
    error_message = "node_architecture may be amd64 or arm64."
  }
}

variable "groups" {
  description = "The node groups by name: EC2 instance types, of which several widen the choice of capacity; how AWS sells the capacity; and how many nodes there are at least, at first and at most."
  type = map(object({
    types    = list(string)
    capacity = string
    min      = number
    desired  = number
    max      = number
  }))

  validation {
    condition = length(var.groups) > 0 && alltrue(flatten([
      for group in var.groups : [length(group.types) > 0, [for type in group.types : can(regex("^[a-z0-9-]+\\.[a-z0-9]+$", type))]]
    ]))
    error_message = "Each of node_groups must name at least one EC2 instance type, such as t3.large."
  }

  validation {
    condition     = alltrue([for group in var.groups : contains(["on-demand", "spot"], group.capacity)])
    error_message = "The capacity of each of node_groups may be on-demand or spot."
  }

  validation {
    condition     = alltrue([for group in var.groups : 0 <= group.min && group.min <= group.desired && group.desired <= group.max])
    error_message = "The numbers of each of node_groups must hold 0 <= min <= desired <= max."
  }
}

variable "disk_gib" {
  description = "The size of a node's root volume, which holds images, logs and emptyDirs."
  type        = number
  default     = 40
}

variable "disk_key_arn" {
  description = "The KMS key of the root volumes, or its alias, as an ARN. Auto Scaling must be able to use it."
  type        = string
}

variable "tags" {
  description = "Tags for instances, volumes and network interfaces. The provider's default tags end at the launch template."
  type        = map(string)
}
