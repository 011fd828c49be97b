variable "name" {
  description = "Begins the Name tag of everything in the network."
  type        = string
}

variable "cidr" {
  description = "The VPC's IPv4 network, from /16 to /20."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && can(regex("/(1[6-9]|20)$", var.cidr))
    error_message = "vpc_cidr must be an IPv4 network from /16 to /20, such as 10.0.0.0/16: smaller ones leave pods without addresses."
  }
}

variable "nat" {
  description = "\"single\": one NAT gateway for all zones. \"per-zone\": one in each, so that a failing zone takes no other along."
  type        = string
  default     = "single"

  validation {
    condition     = contains(["single", "per-zone"], var.nat)
    error_message = "nat must be \"single\" or \"per-zone\"."
  }
}
