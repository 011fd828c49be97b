output "names" {
  description = "The add-ons. Whoever uses this comes after all of them are installed."
  value       = sort([for addon in aws_eks_addon.this : addon.addon_name])
}
