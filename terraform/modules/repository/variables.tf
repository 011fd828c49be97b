variable "name" {
  description = "The repository's name, <project>/<image>."
  type        = string
}

variable "mutable" {
  description = "Whether a tag may be pushed again. Only caches are."
  type        = bool
  default     = false
}

variable "expire_after_days" {
  description = "Every image, tagged or not, expires this long after its push; null: only untagged images expire."
  type        = number
  default     = null
}

variable "key_arn" {
  description = "The KMS key that encrypts the images."
  type        = string
}
