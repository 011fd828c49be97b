# The cluster, its key, its log group and its roles: what an apply role may do there (apply.tf).
locals {
  cluster = {
    for environment in var.environments : environment => [
      {
        Sid    = "Cluster"
        Effect = "Allow"
        Action = [
          "eks:AssociateAccessPolicy",
          "eks:CreateAccessEntry",
          "eks:CreateAddon",
          "eks:CreateCluster",
          "eks:CreateNodegroup",
          "eks:CreatePodIdentityAssociation",
          "eks:DeleteAccessEntry",
          "eks:DeleteAddon",
          "eks:DeleteCluster",
          "eks:DeleteNodegroup",
          "eks:DeletePodIdentityAssociation",
          "eks:DisassociateAccessPolicy",
          "eks:TagResource",
          "eks:UntagResource",
          "eks:UpdateAddon",
          "eks:UpdateClusterConfig",
          "eks:UpdateClusterVersion",
          "eks:UpdateNodegroupConfig",
          "eks:UpdateNodegroupVersion",
          "eks:UpdatePodIdentityAssociation",
        ]
        Resource = concat(
          # An update's name begins with the cluster's: https://github.com/aws/aws-cdk/issues/6060
          [for end in ["", "/*"] : "arn:aws:eks:${var.region}:${var.account}:cluster/${local.names[environment]}${end}"],
          [
            for kind in ["nodegroup", "addon", "access-entry", "podidentityassociation"] :
            "arn:aws:eks:${var.region}:${var.account}:${kind}/${local.names[environment]}/*"
          ],
        )
      },
      {
        Sid    = "LogGroup"
        Effect = "Allow"
        Action = [
          "logs:AssociateKmsKey",
          "logs:CreateLogGroup",
          "logs:DeleteLogGroup",
          "logs:PutRetentionPolicy",
          "logs:TagResource",
          "logs:UntagResource",
        ]
        Resource = [
          "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/eks/${local.names[environment]}/cluster",
          "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/eks/${local.names[environment]}/cluster:*",
        ]
      },
      {
        Sid       = "MakeKey"
        Effect    = "Allow"
        Action    = ["kms:CreateKey"]
        Resource  = "*" # a key has no name before it exists
        Condition = { StringEquals = local.requests[environment] }
      },
      {
        Sid       = "TagNewKey"
        Effect    = "Allow"
        Action    = ["kms:TagResource"]
        Resource  = "*"
        Condition = merge(local.new_key, { StringEquals = local.requests[environment], StringEqualsIfExists = local.ours[environment] })
      },
      {
        Sid    = "Key"
        Effect = "Allow"
        Action = [
          "kms:CreateAlias",
          "kms:CreateGrant", # EKS uses the key by a grant
          "kms:DeleteAlias",
          "kms:EnableKeyRotation",
          "kms:PutKeyPolicy",
          "kms:ScheduleKeyDeletion",
          "kms:TagResource",
          "kms:UntagResource",
        ]
        Resource  = "arn:aws:kms:${var.region}:${var.account}:key/*"
        Condition = { StringEquals = local.ours[environment] }
      },
      {
        Sid      = "Alias"
        Effect   = "Allow"
        Action   = ["kms:CreateAlias", "kms:DeleteAlias"]
        Resource = "arn:aws:kms:${var.region}:${var.account}:alias/${local.names[environment]}"
      },
      {
        Sid    = "Roles"
        Effect = "Allow"
        Action = [
          "iam:CreateRole",
          "iam:DeleteRole",
          "iam:TagRole",
          "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy",
        ]
        Resource = "arn:aws:iam::${var.account}:role/${local.names[environment]}.*"
      },
      {
        # Not iam:PutRolePolicy, not iam:CreatePolicy: these policies are all that a role made here can ever hold. Every
        # such request names its policy, so "IfExists" lets nothing more through.
        Sid       = "RolePolicies"
        Effect    = "Allow"
        Action    = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        Resource  = "arn:aws:iam::${var.account}:role/${local.names[environment]}.*"
        Condition = { ArnEqualsIfExists = { "iam:PolicyARN" = [for policy in local.node_policies : "arn:aws:iam::aws:policy/${policy}"] } }
      },
      {
        Sid       = "HandRolesToEKS"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = "arn:aws:iam::${var.account}:role/${local.names[environment]}.*"
        Condition = { StringEquals = { "iam:PassedToService" = ["eks.amazonaws.com", "pods.eks.amazonaws.com", "ec2.amazonaws.com"] } }
      },
      {
        # EKS checks in the caller's name whether its role exists, before it makes a node group:
        # https://github.com/terraform-aws-modules/terraform-aws-eks/issues/823
        Sid      = "FindServiceLinkedRoles"
        Effect   = "Allow"
        Action   = ["iam:GetRole"]
        Resource = "arn:aws:iam::${var.account}:role/aws-service-role/*"
      },
      {
        # A new account does not have these roles: the first cluster, node group, load balancer and node of spot
        # capacity create them, in the caller's name. AWS defines what each may do.
        Sid      = "ServiceLinkedRoles"
        Effect   = "Allow"
        Action   = ["iam:CreateServiceLinkedRole"]
        Resource = "arn:aws:iam::${var.account}:role/aws-service-role/*"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = [
              "eks.amazonaws.com", "eks-nodegroup.amazonaws.com", "autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com",
              "spot.amazonaws.com",
            ]
          }
        }
      },
    ]
  }
}
