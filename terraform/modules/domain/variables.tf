variable "domain" {
  description = "What the apps' names end in: an app answers at <app>.<domain>."
  type        = string
}

variable "zone" {
  description = "The public hosted zone of the account that the domain is in; it may be the domain itself."
  type        = string

  validation {
    condition     = var.zone == var.domain || endswith(var.domain, ".${var.zone}")
    error_message = "zone must be domain, or what domain ends in behind a dot."
  }
}
