variable "name" {
  description = "Begins the names of the roles that add-ons use."
  type        = string
}

variable "cluster_name" {
  description = "The cluster that gets the add-ons."
  type        = string
}

variable "addons" {
  description = "The EKS add-ons, by name, each with the version that the cluster's Kubernetes takes. `service_account` (in `namespace`, kube-system when left out) and `policy` (an AWS managed policy's name below arn:aws:iam::aws:policy/, or the ARN of one of the account's) give its pods a role through EKS Pod Identity; `values` configures it, in JSON."
  type = map(object({
    namespace       = optional(string, "kube-system")
    version         = string
    service_account = optional(string)
    policy          = optional(string)
    values          = optional(string)
  }))
}
