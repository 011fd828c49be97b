variable "name" {
  description = "The role's name."
  type        = string
}

variable "description" {
  description = "What the role is for."
  type        = string
}

variable "provider_arn" {
  description = "The IAM OIDC provider of GitHub Actions."
  type        = string
}

variable "subjects" {
  description = "The exact `sub` values that may take on the role; a value matches as it stands, without wildcards."
  type        = list(string)

  # `*` means nothing to StringEquals; whoever writes one expects it to match, so say no instead.
  validation {
    condition     = length(var.subjects) > 0 && alltrue([for subject in var.subjects : can(regex("^repo:[^/:*?]+/[^/:*?]+:[^*?]+$", subject))])
    error_message = "Every subject must be repo:<owner>/<name>:<context>, exact and without wildcards."
  }
}

variable "claims" {
  description = "What else the token must say, by the claim's name; each value matches as it stands."
  type        = map(list(string))
  default     = {}

  # AWS knows no others of GitHub's claims: a condition on one would never be met.
  validation {
    condition     = alltrue([for claim in keys(var.claims) : contains(["actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository", "repository_id", "workflow"], claim)])
    error_message = "claims may hold actor, actor_id, enterprise_id, environment, job_workflow_ref, ref, repository, repository_id and workflow."
  }

  validation {
    condition     = alltrue([for values in values(var.claims) : length(values) > 0 && alltrue([for value in values : can(regex("^[^*?]+$", value))])])
    error_message = "Every claim must have values, exact and without wildcards."
  }
}

variable "policies" {
  description = "What the role may do: policy documents in JSON, by a short name. A policy of IAM holds at most 6,144 characters."
  type        = map(string)
}

variable "max_session_seconds" {
  description = "How long one exchange of a token may serve."
  type        = number
  default     = 3600
}
