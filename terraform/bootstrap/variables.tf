variable "project" {
  description = "Begins the name of everything made in AWS."
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

variable "repository" {
  description = "The one repository on GitHub whose workflows are trusted, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be exactly one repository as owner/name, such as octo-org/octo-repo: no wildcard, and the owner is not left out."
  }
}

variable "repository_ids" {
  description = "The immutable ids of the repository and its owner on GitHub. Repositories made, renamed or moved since the summer of 2026 have them in their tokens."
  type = object({
    owner_id      = string
    repository_id = string
  })
  default = null

  validation {
    condition     = var.repository_ids == null || try(alltrue([for id in values(var.repository_ids) : can(regex("^[1-9][0-9]*$", id))]), false)
    error_message = "repository_ids must hold owner_id and repository_id, both as digits. `gh api repos/<owner>/<name> --jq '.owner.id, .id'` prints them."
  }
}

variable "branch" {
  description = "The one branch whose pushes are built and delivered."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]*$", var.branch)) && !startswith(var.branch, "refs/")
    error_message = "branch must be the name of one branch, such as main: no wildcard, and without refs/heads/."
  }
}

variable "environments" {
  description = "The environments of slipway.yaml. Each has a role of its own that only jobs of this environment on GitHub may take on."
  type        = list(string)

  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in var.environments : can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", name)) && length(name) <= 20])
    error_message = "environments must name at least one environment: at most 20 lower-case letters, digits and single hyphens, starting with a letter."
  }

  # The policies tell such names apart; people, and lists of everything that begins with a name, do not.
  validation {
    condition = alltrue(flatten([
      for name in var.environments : [
        for other in var.environments : name == other || !startswith(other, "${name}-")
      ]
    ]))
    error_message = "No environment may have another's name with a hyphen and more (dev and dev-eu): call them dev and eu-dev."
  }

  validation {
    condition     = alltrue([for name in var.environments : !contains(["apply", "deploy", "plan", "state"], split("-", name)[0])])
    error_message = "No environment's name may begin with the word apply, deploy, plan or state: the pipeline's own roles and its bucket have these names."
  }
}

variable "existing_oidc_provider" {
  description = "Whether the account already has the IAM OIDC provider of GitHub Actions, of which it can only have one."
  type        = bool
  default     = false
}

variable "domains" {
  description = "What the apps' names end in, for each environment that has a domain."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for environment in keys(var.domains) : contains(var.environments, environment)]) && length(distinct(values(var.domains))) == length(var.domains)
    error_message = "domains must be those of environments, each another one."
  }
}

variable "zones" {
  description = "The public hosted zone of the account that each of these domains is in. It is there before this is applied."
  type        = map(string)
  default     = {}

  validation {
    condition     = keys(var.zones) == keys(var.domains) && alltrue([for environment, domain in var.domains : endswith(".${domain}", ".${try(var.zones[environment], "")}")])
    error_message = "zones must name the hosted zone of each domain: the domain itself, or what it ends in behind a dot."
  }
}
