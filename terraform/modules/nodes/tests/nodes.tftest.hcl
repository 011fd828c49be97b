mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/slipway-dev.node" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }
}

variables {
  name               = "slipway-dev"
  cluster_name       = "slipway-dev"
  kubernetes_version = "1.36"
  subnet_ids         = ["subnet-1", "subnet-2"]
  disk_key_arn       = "arn:aws:kms:us-east-1:123456789012:alias/aws/ebs"
  architecture       = "amd64"
  groups             = { default = { types = ["t3.large"], capacity = "on-demand", min = 1, desired = 2, max = 3 } }
  tags               = { "slipway:project" = "slipway", "slipway:environment" = "dev" }
}

run "pods_cannot_ask_for_the_node_s_credentials" {
  command = plan

  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Metadata needs a token and answers one hop away only."
  }
}

run "disks_are_encrypted_and_go_with_the_node" {
  command = plan

  assert {
    condition     = aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.this.block_device_mappings[0].ebs[0].volume_type == "gp3" && aws_launch_template.this.block_device_mappings[0].ebs[0].delete_on_termination == "true"
    error_message = "The root volume is encrypted gp3 and does not outlive its node."
  }

  assert {
    condition     = aws_launch_template.this.block_device_mappings[0].ebs[0].kms_key_id == "arn:aws:kms:us-east-1:123456789012:alias/aws/ebs"
    error_message = "Its key is named, whatever key the account has for disks by default."
  }
}

run "what_a_node_is_made_of_can_be_found" {
  command = plan

  assert {
    condition = { for each in aws_launch_template.this.tag_specifications : each.resource_type => each.tags["slipway:environment"] } == {
      instance = "dev", volume = "dev", network-interface = "dev"
    }
    error_message = "Instances, volumes and network interfaces carry the environment's tags."
  }
}

run "nodes_join_and_pull_and_nothing_else" {
  command = plan

  assert {
    condition = toset([for each in aws_iam_role_policy_attachment.this : each.policy_arn]) == toset([
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    ])
    error_message = "The CNI and the CSI driver have roles of their own."
  }
}

run "a_group_of_one_to_three" {
  command = plan

  assert {
    condition     = aws_eks_node_group.this["default"].scaling_config[0].min_size == 1 && aws_eks_node_group.this["default"].scaling_config[0].max_size == 3 && aws_eks_node_group.this["default"].ami_type == "AL2023_x86_64_STANDARD" && aws_eks_node_group.this["default"].capacity_type == "ON_DEMAND"
    error_message = "The node group has the sizes it was given, on demand, on Amazon Linux 2023."
  }
}

run "arm_on_demand_and_spot" {
  command = plan
  variables {
    architecture = "arm64"
    groups = {
      default = { types = ["t4g.large"], capacity = "on-demand", min = 1, desired = 1, max = 2 }
      spot    = { types = ["t4g.large", "m7g.large"], capacity = "spot", min = 0, desired = 0, max = 5 }
    }
  }

  assert {
    condition     = [for group in aws_eks_node_group.this : group.ami_type] == ["AL2023_ARM_64_STANDARD", "AL2023_ARM_64_STANDARD"]
    error_message = "All groups boot the machine image of the architecture."
  }
  assert {
    condition     = aws_eks_node_group.this["spot"].capacity_type == "SPOT" && aws_eks_node_group.this["spot"].scaling_config[0].min_size == 0 && length(aws_eks_node_group.this["spot"].instance_types) == 2
    error_message = "The second group is spot capacity, of its own sizes and types."
  }
}

run "another_processor" {
  command = plan
  variables { architecture = "riscv64" }
  expect_failures = [var.architecture]
}

run "nodes_follow_the_cluster_s_version" {
  command = plan

  assert {
    condition     = aws_eks_node_group.this["default"].version == "1.36" && aws_eks_node_group.this["default"].update_config[0].max_unavailable == 1
    error_message = "Nodes are replaced one after the other when the cluster's version changes."
  }
}

run "more_desired_than_allowed" {
  command = plan
  variables { groups = { default = { types = ["t3.large"], capacity = "on-demand", min = 1, desired = 4, max = 3 } } }
  expect_failures = [var.groups]
}

run "no_type" {
  command = plan
  variables { groups = { default = { types = [], capacity = "on-demand", min = 1, desired = 2, max = 3 } } }
  expect_failures = [var.groups]
}

run "another_capacity" {
  command = plan
  variables { groups = { default = { types = ["t3.large"], capacity = "block", min = 1, desired = 2, max = 3 } } }
  expect_failures = [var.groups]
}
