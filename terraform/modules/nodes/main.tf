resource "aws_iam_role" "this" {
  name        = "${var.name}.node"
  description = "What a node of ${var.cluster_name} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

# Join the cluster and pull images. What the CNI and the CSI driver need, only their pods get (modules/addons).
resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "this" {
  name                   = "${var.name}-node"
  description            = "Nodes of ${var.cluster_name}"
  update_default_version = true

  # With one hop, a pod that is not on the host's network cannot ask for the node's own credentials.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda" # the root volume of Amazon Linux 2023

    ebs {
      volume_type           = "gp3"
      volume_size           = var.disk_gib
      encrypted             = true
      kms_key_id            = var.disk_key_arn
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = "${var.name}-node" })
    }
  }
}

# EKS drains a node of spot capacity when EC2 says that it may take it back:
# https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html#managed-node-group-capacity-types
resource "aws_eks_node_group" "this" {
  for_each = var.groups

  cluster_name    = var.cluster_name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.this.arn
  version         = var.kubernetes_version
  subnet_ids      = var.subnet_ids
  ami_type        = { amd64 = "AL2023_x86_64_STANDARD", arm64 = "AL2023_ARM_64_STANDARD" }[var.architecture]
  capacity_type   = { on-demand = "ON_DEMAND", spot = "SPOT" }[each.value.capacity]
  instance_types  = each.value.types

  scaling_config {
    min_size     = each.value.min
    desired_size = each.value.desired
    max_size     = each.value.max
  }

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  update_config {
    max_unavailable = 1
  }

  # The size of the moment belongs to whoever scales: an apply must not take nodes from under running pods.
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  # Nodes need their role's policies until the last one has left the cluster.
  depends_on = [aws_iam_role_policy_attachment.this]
}
