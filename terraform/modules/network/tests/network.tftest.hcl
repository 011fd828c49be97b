mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1c", "us-east-1a", "us-east-1b"] }
  }
}

variables {
  name = "slipway-dev"
  cidr = "10.0.0.0/16"
}

run "two_zones_that_do_not_depend_on_the_order_of_the_answer" {
  command = plan

  assert {
    condition     = join(" ", local.zones) == "us-east-1a us-east-1b"
    error_message = "The zones are the first two by name."
  }

  assert {
    condition     = values(local.public_cidrs) == ["10.0.0.0/20", "10.0.16.0/20"] && values(local.private_cidrs) == ["10.0.64.0/18", "10.0.128.0/18"]
    error_message = "Private subnets are a quarter of the VPC each; the public ones share the first quarter."
  }
}

run "load_balancers_find_their_subnets" {
  command = plan

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.tags["kubernetes.io/role/elb"] == "1" && !contains(keys(subnet.tags), "kubernetes.io/role/internal-elb")])
    error_message = "Public subnets take internet-facing load balancers."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.private : subnet.tags["kubernetes.io/role/internal-elb"] == "1" && !contains(keys(subnet.tags), "kubernetes.io/role/elb")])
    error_message = "Private subnets take internal load balancers."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private)) : subnet.map_public_ip_on_launch != true])
    error_message = "Nothing gets a public address just by starting."
  }
}

run "one_gateway_serves_both_zones" {
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(distinct([for route in aws_route.private : route.nat_gateway_id])) == 1
    error_message = "A single NAT gateway is the way out of both zones."
  }

  assert {
    condition     = aws_nat_gateway.this["us-east-1a"].subnet_id == aws_subnet.public["us-east-1a"].id
    error_message = "A NAT gateway stands in a public subnet."
  }
}

run "a_gateway_per_zone" {
  variables { nat = "per-zone" }

  assert {
    condition     = alltrue([for zone in local.zones : aws_route.private[zone].nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "Each zone has a way out of its own."
  }
}

run "only_two_ways_to_the_internet" {
  command = plan
  variables { nat = "none" }
  expect_failures = [var.nat]
}

run "a_network_too_small_for_pods" {
  command = plan
  variables { cidr = "10.0.0.0/24" }
  expect_failures = [var.cidr]
}
