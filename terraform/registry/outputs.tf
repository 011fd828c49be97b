output "repositories" {
  description = "The repository of each image, by the image's name."
  value       = { for name, repository in module.image : name => repository.url }
}

output "build_cache" {
  description = "The repository of the builder's cache."
  value       = module.build_cache.url
}
