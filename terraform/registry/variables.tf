variable "project" {
  description = "Begins the name of everything made in AWS; the repositories are <project>/<image>."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*$", var.project)) && length(var.project) <= 20
    error_message = "project must be at most 20 lower-case letters and digits, starting with a letter: a hyphen ends it in the names of what it owns."
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

variable "images" {
  description = "The images that have a repository: those that the tree builds, and those that an environment still runs."
  type        = list(string)

  validation {
    condition     = alltrue([for image in var.images : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", image))])
    error_message = "images must be names of lower-case letters, digits and single hyphens, such as guests-api."
  }

  validation {
    condition     = !contains(var.images, "build-cache")
    error_message = "images must not name build-cache: that repository holds the builder's cache. Rename the folder of this app or component."
  }
}
