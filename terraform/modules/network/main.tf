data "aws_availability_zones" "usable" {
  #checkov:skip=CKV_AWS_394:Only the first two by name are used, and new zones have got later letters
  state = "available"

  # EKS refuses subnets in these zones: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
  exclude_zone_ids = ["use1-az3", "usw1-az2", "cac1-az3"]

  # Local and Wavelength zones, which an account opts in to, hold no NAT gateways.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones = slice(sort(data.aws_availability_zones.usable.names), 0, 2)

  # A quarter of the VPC for the pods and nodes of each zone, because every pod takes an address of its subnet. The public
  # subnets, which hold only load balancers and NAT gateways, share the first quarter; the last one stays free.
  public_cidrs  = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 4, index) }
  private_cidrs = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 2, index + 1) }

  nat_zones = var.nat == "per-zone" ? local.zones : slice(local.zones, 0, 1)
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Flow logs bill for every connection; who needs them adds them with a retention of their own
  #checkov:skip=CKV2_AWS_12:Nothing uses the default security group, and adopting it would let the apply role tag what it did not make
  cidr_block = var.cidr

  # Nodes register with the private API endpoint under these names.
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

resource "aws_subnet" "public" {
  for_each = local.public_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                     = "${var.name}-public-${each.key}"
    "kubernetes.io/role/elb" = "1" # where internet-facing load balancers are put
    # No kubernetes.io/cluster/<name>: EKS' cloud controller takes a subnet without such a tag for any cluster's.
    # https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/aws.go (findSubnets)
  }
}

resource "aws_subnet" "private" {
  for_each = local.private_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                              = "${var.name}-private-${each.key}"
    "kubernetes.io/role/internal-elb" = "1" # where internal load balancers are put
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-public" }
}

resource "aws_route" "public" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"
  tags   = { Name = "${var.name}-nat-${each.key}" }

  # An address can only be mapped in a VPC that has its gateway, and must go before it.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = aws_eip.nat

  allocation_id = each.value.id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = { Name = "${var.name}-${each.key}" }

  # Without the public route a NAT gateway starts, but reaches nothing.
  depends_on = [aws_route.public, aws_route_table_association.public]
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route" "private" {
  for_each = aws_route_table.private

  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = try(aws_nat_gateway.this[each.key], aws_nat_gateway.this[local.zones[0]]).id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}
