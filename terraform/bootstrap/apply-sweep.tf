# What Kubernetes' controllers, EKS and people leave of an environment, and Terraform knows nothing of: what an apply role
# may remove of it (apply.tf). The controllers mark what they make by the cluster's name, if not by our tags. Nothing here
# reaches into the state bucket.
locals {
  removal = {
    disks    = ["ec2:CreateSnapshot", "ec2:DeleteSnapshot", "ec2:DeleteVolume"] # a snapshot, for whoever wants to keep what is in it
    machines = ["ec2:TerminateInstances", "ec2:DeleteVpcEndpoints"]
    pods     = ["ec2:DeleteNetworkInterface"]
    groups   = ["ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]
    services = ["elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup"]
  }

  # What may be removed of what carries which tags.
  left = {
    for environment, name in local.names : environment => {
      Ours = { tags = local.ours[environment], actions = flatten(values(local.removal)) }
      # the cloud controller, the EBS CSI driver: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
      OfCluster = {
        tags    = { "aws:ResourceTag/kubernetes.io/cluster/${name}" = "owned" }
        actions = concat(local.removal.disks, local.removal.groups, local.removal.services)
      }
      # the load balancer controller
      OfBalancers = {
        tags    = { "aws:ResourceTag/elbv2.k8s.aws/cluster" = name }
        actions = concat(local.removal.groups, local.removal.services)
      }
      # the VPC CNI
      OfPods = { tags = { "aws:ResourceTag/cluster.k8s.amazonaws.com/name" = name }, actions = local.removal.pods }
      # GuardDuty's runtime monitoring puts an endpoint and a security group into each VPC with a cluster, and leaves them
      # there. Neither their tag nor a condition key names the VPC, so this also allows those of another VPC.
      # https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring.html
      OfGuardDuty = {
        tags    = { "aws:ResourceTag/GuardDutyManaged" = "true" }
        actions = concat(["ec2:DeleteVpcEndpoints"], local.removal.groups)
      }
      # EKS, for the group of the cluster itself
      OfEKS = { tags = { "aws:ResourceTag/aws:eks:cluster-name" = name }, actions = local.removal.groups }
    }
  }

  sweep = {
    for environment in var.environments : environment => concat(
      [
        for who, left in local.left[environment] : {
          Sid    = who
          Effect = "Allow"
          Action = left.actions
          Resource = [
            "${local.ec2}:*",
            "arn:aws:ec2:${var.region}::snapshot/*", # no account, in its ARN alone
            "arn:aws:elasticloadbalancing:${var.region}:${var.account}:*",
          ]
          Condition = { StringEquals = left.tags }
        }
      ],
      [
        {
          Sid       = "MakeSnapshot"
          Effect    = "Allow"
          Action    = ["ec2:CreateSnapshot"]
          Resource  = "arn:aws:ec2:${var.region}::snapshot/*"
          Condition = { StringEquals = local.requests[environment] }
        },
        {
          Sid      = "TagSnapshot"
          Effect   = "Allow"
          Action   = ["ec2:CreateTags"]
          Resource = "arn:aws:ec2:${var.region}::snapshot/*"
          Condition = {
            StringEquals = merge(local.requests[environment], { "ec2:CreateAction" = ["CreateSnapshot"] })
          }
        },
        {
          Sid      = "Images"
          Effect   = "Allow"
          Action   = ["ecr:BatchDeleteImage"]
          Resource = local.arn.repositories
        },
        {
          Sid    = "Logs"
          Effect = "Allow"
          Action = ["logs:DeleteLogGroup"]
          Resource = flatten([
            for service in ["eks", "containerinsights"] : [
              for end in ["*", "*:*"] :
              "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/${service}/${local.names[environment]}/${end}"
            ]
          ])
        },
        {
          Sid      = "Secrets"
          Effect   = "Allow"
          Action   = ["secretsmanager:DeleteSecret"]
          Resource = [for sign in ["/", "-"] : "arn:aws:secretsmanager:${var.region}:${var.account}:secret:${var.project}${sign}${environment}/*"]
        },
        {
          Sid      = "RolesPolicies"
          Effect   = "Allow"
          Action   = ["iam:DeleteRolePolicy"]
          Resource = "arn:aws:iam::${var.account}:role/${local.names[environment]}.*"
        },
        {
          Sid      = "InstanceProfiles"
          Effect   = "Allow"
          Action   = ["iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile"]
          Resource = "arn:aws:iam::${var.account}:instance-profile/${local.names[environment]}.*"
        },
        {
          Sid       = "ClusterIdentities"
          Effect    = "Allow"
          Action    = ["iam:DeleteOpenIDConnectProvider"]
          Resource  = "arn:aws:iam::${var.account}:oidc-provider/oidc.eks.${var.region}.amazonaws.com/*"
          Condition = { StringEquals = local.ours[environment] }
        },
      ],
    )
  }
}
