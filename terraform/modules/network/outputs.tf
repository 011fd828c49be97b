output "vpc_id" {
  description = "The VPC's id."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "The public subnets, one a zone, in the zones' order."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "The private subnets, one a zone, in the zones' order. Whoever uses them comes after the way out and goes before it."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]

  # A node without a route cannot join its cluster, and one that loses its route cannot be drained.
  depends_on = [aws_route.private, aws_route_table_association.private, aws_nat_gateway.this]
}

output "nat_addresses" {
  description = "The public addresses from which nodes and pods reach the internet."
  value       = [for address in aws_eip.nat : address.public_ip]
}
