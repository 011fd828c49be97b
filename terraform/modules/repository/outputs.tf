output "url" {
  description = "Where the repository's images are pushed to and pulled from."
  value       = aws_ecr_repository.this.repository_url
}
