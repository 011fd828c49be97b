locals {
  name = "${var.project}-${var.environment}"

  # What the teardown finds everything by. The roles of terraform/bootstrap may change only what carries the first two.
  tags = {
    "slipway:project"     = var.project
    "slipway:environment" = var.environment
    "slipway:managed-by"  = "terraform/environment"
  }

  role_arn = "arn:aws:iam::${var.account}:role/${var.project}"

  # AWS's own key for disks, by name, as in gitops/platform/storage-class.yaml. Where an account has a key of its own as the
  # default, neither Auto Scaling nor the CSI driver could use that one, unless its policy lets them; and what is kept of an
  # environment, a volume or a snapshot, must be readable when the environment's key is gone.
  # https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
  disk_key_arn = "arn:aws:kms:${var.region}:${var.account}:alias/aws/ebs"

  pipeline_access = {
    apply = { principal_arn = "${local.role_arn}-apply-${var.environment}", policy = "AmazonEKSClusterAdminPolicy" }
    # The role that plans is not among them: it asks AWS and git, never a cluster.
    # No policy of AWS lets somebody read Argo CD's resources and little else: gitops/ says what this group may.
    deploy = { principal_arn = "${local.role_arn}-deploy", groups = ["slipway:verify"] }
  }

  # Gives the Services that ask for it their names, and takes them away again. What it may do is a policy that bootstrap
  # made: nobody who applies this root can make one. https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html
  named_addons = var.domain == null ? {} : {
    external-dns = {
      version         = local.addon["external-dns"]
      namespace       = "external-dns"
      service_account = "external-dns"
      policy          = "arn:aws:iam::${var.account}:policy/${local.name}.external-dns"
      values = jsonencode({
        sources            = ["service"]
        domainFilters      = [var.domain]
        managedRecordTypes = ["A"]
        # Which records are this environment's: others in the zone it neither changes nor removes.
        registry           = "txt"
        txtOwnerId         = local.name
        policy             = "sync"
        interval           = "1m"
        triggerLoopOnEvent = true
      })
    }
  }

  # A node only becomes ready with the first three; the others run on nodes.
  addons = concat(
    ["vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver", "metrics-server"],
    var.domain == null ? [] : ["external-dns"],
  )
  addon = { for name, found in data.aws_eks_addon_version.this : name => found.version }
}

# The newest that AWS offers for this Kubernetes. Asked here and not where they are made, which waits for the nodes: so a
# plan shows the versions.
data "aws_eks_addon_version" "this" {
  for_each = toset(var.cluster_enabled ? local.addons : [])

  addon_name         = each.key
  kubernetes_version = var.cluster_version
  most_recent        = true
}

module "network" {
  source = "../modules/network"

  name = local.name
  cidr = var.vpc_cidr
  nat  = var.nat
}

# The certificate outlives the load balancers that use it: AWS deletes none that is in use.
module "domain" {
  source = "../modules/domain"
  count  = var.domain == null ? 0 : 1

  domain = var.domain
  zone   = var.zone
}

# Everything below uses the network's outputs, which wait for its routes: so the network is there before the cluster
# and outlives it, also when all of it is destroyed at once.
module "cluster" {
  source = "../modules/cluster"
  count  = var.cluster_enabled ? 1 : 0

  name                = local.name
  account             = var.account
  region              = var.region
  kubernetes_version  = var.cluster_version
  subnet_ids          = module.network.private_subnet_ids
  public_access_cidrs = var.public_access_cidrs
  manager_arn         = local.pipeline_access.apply.principal_arn

  access = merge(
    # People, who would have no way in: the cluster's creator gets nothing for having made it.
    { for arn in var.admins : "admin ${arn}" => { principal_arn = arn, policy = "AmazonEKSClusterAdminPolicy" } },
    local.pipeline_access,
  )
}

# A node only becomes ready with these, so they come before the nodes and go after them; a CNI that goes first leaves
# its network interfaces behind. An upgrade goes the same way: the control plane, these, the nodes, what runs on nodes.
module "node_addons" {
  source = "../modules/addons"
  count  = var.cluster_enabled ? 1 : 0

  name         = local.name
  cluster_name = module.cluster[0].name

  addons = {
    vpc-cni = {
      version         = local.addon["vpc-cni"]
      service_account = "aws-node"
      policy          = "AmazonEKS_CNI_Policy"
      # Without the first, nothing enforces the apps' NetworkPolicies:
      # https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
      # With the second, a t3.large runs 110 pods in place of 35, since EKS counts what the CNI says when it makes nodes:
      # https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html
      values = jsonencode({ enableNetworkPolicy = "true", env = { ENABLE_PREFIX_DELEGATION = "true" } })
    }
    kube-proxy             = { version = local.addon["kube-proxy"] }
    eks-pod-identity-agent = { version = local.addon["eks-pod-identity-agent"] }
  }
}

module "nodes" {
  source = "../modules/nodes"
  count  = var.cluster_enabled ? 1 : 0

  name               = local.name
  cluster_name       = module.cluster[0].name
  kubernetes_version = module.cluster[0].version
  subnet_ids         = module.network.private_subnet_ids
  disk_key_arn       = local.disk_key_arn
  architecture       = var.node_architecture
  groups             = var.node_groups
  tags               = local.tags

  depends_on = [module.node_addons]
}

# These run on nodes: without one they never become healthy.
module "workload_addons" {
  source = "../modules/addons"
  count  = var.cluster_enabled ? 1 : 0

  name         = local.name
  cluster_name = module.cluster[0].name

  addons = merge(local.named_addons, {
    coredns = { version = local.addon["coredns"] }
    aws-ebs-csi-driver = {
      version         = local.addon["aws-ebs-csi-driver"]
      service_account = "ebs-csi-controller-sa"
      policy          = "service-role/AmazonEBSCSIDriverPolicy"
      # The volumes that it makes are nobody's but ours.
      values = jsonencode({ controller = { extraVolumeTags = local.tags } })
    }
    metrics-server = { version = local.addon["metrics-server"] } # what an autoscaler reads
  })

  depends_on = [module.nodes]
}

# For the whole account: a budget filtered by a tag counts nothing, and warns of nothing, until the tag is activated for
# billing by hand.
resource "aws_budgets_budget" "this" {
  name         = local.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = format("%.1f", var.budget_monthly_usd) # as AWS writes it
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = var.budget_email == null ? [] : ["ACTUAL", "FORECASTED"]

    content {
      notification_type          = notification.value
      comparison_operator        = "GREATER_THAN"
      threshold                  = 80
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = [var.budget_email]
    }
  }
}
