variable "name" {
  description = "Begins the names of the node group's role and launch template."
  type        = string
}

variable "cluster_name" {
  description = "The cluster that the nodes join."
  type        = string
}

variable "subnet_ids" {
  description = "The private subnets that the nodes run in."
  type        = list(string)
}

variable "types" {
  description = "EC2 instance types; several widen the choice of capacity."
  type        = list(string)

  validation {
    condition     = length(var.types) > 0 && alltrue([for type in var.types : can(regex("^[a-z0-9-]+\\.[a-z0-9]+$", type))])
    error_message = "node_types must name at least one EC2 instance type, such as t3.large."
  }
}

variable "size" {
  description = "How many nodes there are at least, at first and at most."
  type = object({
    min     = number
    desired = number
    max     = number
  })

  validation {
    condition     = 1 <= var.size.min && var.size.min <= var.size.desired && var.size.desired <= var.size.max
    error_message = "The numbers of nodes must hold 1 <= node_min <= node_desired <= node_max."
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
