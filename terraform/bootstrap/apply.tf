# What `terraform apply` and `terraform destroy` of one environment need. Three things keep it in its place:
# - names begin with <project>-<environment>, where IAM knows a resource by its name;
# - tags say whose it is, where it only knows an id: new things must carry ours, and only what carries ours may change;
# - the roles that it makes can have no policy but those of AWS that EKS needs, so none can do more than these.
locals {
  names    = { for name in var.environments : name => "${var.project}-${name}" }
  requests = { for name in var.environments : name => { "aws:RequestTag/slipway:project" = var.project, "aws:RequestTag/slipway:environment" = name } }
  ours     = { for name in var.environments : name => { "aws:ResourceTag/slipway:project" = var.project, "aws:ResourceTag/slipway:environment" = name } }

  ec2 = "arn:aws:ec2:${var.region}:${var.account}"

  node_policies = [
    "AmazonEKSClusterPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKS_CNI_Policy",
    "service-role/AmazonEBSCSIDriverPolicy",
  ]

  network = {
    for environment in var.environments : environment => [
      {
        Sid    = "Make"
        Effect = "Allow"
        Action = [
          "ec2:AllocateAddress",
          "ec2:CreateInternetGateway",
          "ec2:CreateLaunchTemplate",
          "ec2:CreateNatGateway",
          "ec2:CreateRouteTable",
          "ec2:CreateSubnet",
          "ec2:CreateVpc",
        ]
        Resource = [
          for kind in ["elastic-ip", "internet-gateway", "launch-template", "natgateway", "route-table", "subnet", "vpc"] :
          "${local.ec2}:${kind}/*"
        ]
        Condition = { StringEquals = local.requests[environment] }
      },
      {
        Sid    = "Change"
        Effect = "Allow"
        Action = [
          "ec2:AssociateRouteTable",
          "ec2:AttachInternetGateway",
          "ec2:CreateLaunchTemplateVersion",
          "ec2:CreateNatGateway", # in a subnet, with an address
          "ec2:CreateRoute",
          "ec2:CreateRouteTable", # in a VPC
          "ec2:CreateSubnet",     # in a VPC
          "ec2:CreateTags",
          "ec2:DeleteInternetGateway",
          "ec2:DeleteLaunchTemplate",
          "ec2:DeleteLaunchTemplateVersions",
          "ec2:DeleteNatGateway",
          "ec2:DeleteRoute",
          "ec2:DeleteRouteTable",
          "ec2:DeleteSubnet",
          "ec2:DeleteTags",
          "ec2:DeleteVpc",
          "ec2:DetachInternetGateway",
          "ec2:DisassociateAddress",
          "ec2:DisassociateRouteTable",
          "ec2:GetLaunchTemplateData",
          "ec2:ModifyLaunchTemplate",
          "ec2:ModifySubnetAttribute",
          "ec2:ModifyVpcAttribute",
          "ec2:ReleaseAddress",
          "ec2:ReplaceRoute",
          "ec2:ReplaceRouteTableAssociation",
          "ec2:RunInstances", # EKS tries the launch template in our name when it makes a node group
        ]
        Resource  = "${local.ec2}:*/*"
        Condition = { StringEquals = local.ours[environment] }
      },
      {
        Sid      = "TagWhatIsBeingMade"
        Effect   = "Allow"
        Action   = ["ec2:CreateTags"]
        Resource = "${local.ec2}:*/*"
        Condition = {
          StringEquals = merge(local.requests[environment], {
            "ec2:CreateAction" = [
              "AllocateAddress", "CreateInternetGateway", "CreateLaunchTemplate", "CreateNatGateway", "CreateRouteTable",
              "CreateSubnet", "CreateVpc", "RunInstances",
            ]
          })
        }
      },
      {
        # What a launch template starts has no tags of its own yet, or belongs to AWS.
        Sid    = "StartFromOurTemplates"
        Effect = "Allow"
        Action = ["ec2:RunInstances"]
        Resource = concat(
          [for kind in ["instance", "network-interface", "security-group", "volume"] : "${local.ec2}:${kind}/*"],
          ["arn:aws:ec2:${var.region}::image/*"],
        )
        Condition = {
          ArnLike = { "ec2:LaunchTemplate" = "${local.ec2}:launch-template/*" }
          Bool    = { "ec2:IsLaunchTemplateResource" = "true" }
        }
      },
      {
        Sid      = "Budget"
        Effect   = "Allow"
        Action   = ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"]
        Resource = "arn:aws:budgets::${var.account}:budget/${local.names[environment]}"
      },
    ]
  }

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
          "eks:UpdateAccessEntry",
          "eks:UpdateAddon",
          "eks:UpdateClusterConfig",
          "eks:UpdateClusterVersion",
          "eks:UpdateNodegroupConfig",
          "eks:UpdateNodegroupVersion",
          "eks:UpdatePodIdentityAssociation",
        ]
        Resource = concat(
          ["arn:aws:eks:${var.region}:${var.account}:cluster/${local.names[environment]}"],
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
          "logs:DeleteRetentionPolicy",
          "logs:DisassociateKmsKey",
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
        Action    = ["kms:CreateKey", "kms:TagResource"]
        Resource  = "*" # a key has no name before it exists
        Condition = { StringEquals = local.requests[environment] }
      },
      {
        Sid    = "Key"
        Effect = "Allow"
        Action = [
          "kms:CancelKeyDeletion",
          "kms:CreateAlias",
          "kms:CreateGrant", # EKS uses the key by a grant
          "kms:DeleteAlias",
          "kms:DisableKeyRotation",
          "kms:EnableKeyRotation",
          "kms:PutKeyPolicy",
          "kms:ScheduleKeyDeletion",
          "kms:UpdateAlias",
          "kms:UpdateKeyDescription",
        ]
        Resource  = "arn:aws:kms:${var.region}:${var.account}:key/*"
        Condition = { StringEquals = local.ours[environment] }
      },
      {
        Sid      = "Alias"
        Effect   = "Allow"
        Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
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
          "iam:UpdateRole",
          "iam:UpdateRoleDescription",
        ]
        Resource = "arn:aws:iam::${var.account}:role/${local.names[environment]}-*"
      },
      {
        # Not iam:PutRolePolicy, not iam:CreatePolicy: these policies are all that a role made here can ever hold. Every
        # such request names its policy, so "IfExists" lets nothing more through.
        Sid       = "RolePolicies"
        Effect    = "Allow"
        Action    = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        Resource  = "arn:aws:iam::${var.account}:role/${local.names[environment]}-*"
        Condition = { ArnEqualsIfExists = { "iam:PolicyARN" = [for policy in local.node_policies : "arn:aws:iam::aws:policy/${policy}"] } }
      },
      {
        Sid       = "HandRolesToEKS"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = "arn:aws:iam::${var.account}:role/${local.names[environment]}-*"
        Condition = { StringEquals = { "iam:PassedToService" = ["eks.amazonaws.com", "pods.eks.amazonaws.com", "ec2.amazonaws.com"] } }
      },
      {
        Sid      = "ServiceLinkedRoles"
        Effect   = "Allow"
        Action   = ["iam:CreateServiceLinkedRole"]
        Resource = "arn:aws:iam::${var.account}:role/aws-service-role/*"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = ["eks.amazonaws.com", "eks-nodegroup.amazonaws.com", "autoscaling.amazonaws.com"]
          }
        }
      },
    ]
  }

  # The registry belongs to all environments: whichever delivers next may apply it.
  registry = [
    {
      Sid    = "Repositories"
      Effect = "Allow"
      Action = [
        "ecr:CreateRepository",
        "ecr:DeleteLifecyclePolicy",
        "ecr:DeleteRepository",
        "ecr:PutImageScanningConfiguration",
        "ecr:PutImageTagMutability",
        "ecr:PutLifecyclePolicy",
        "ecr:TagResource",
        "ecr:UntagResource",
      ]
      Resource = local.arn.repositories
    },
    {
      Sid      = "MakeKey"
      Effect   = "Allow"
      Action   = ["kms:CreateKey", "kms:TagResource"]
      Resource = "*" # a key has no name before it exists
      Condition = {
        StringEquals = { "aws:RequestTag/slipway:project" = var.project, "aws:RequestTag/slipway:managed-by" = "terraform/registry" }
      }
    },
    {
      Sid    = "Key"
      Effect = "Allow"
      Action = [
        "kms:CancelKeyDeletion",
        "kms:CreateAlias",
        "kms:CreateGrant", # ECR uses the key by a grant for each repository
        "kms:DeleteAlias",
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:RetireGrant",
        "kms:ScheduleKeyDeletion",
        "kms:UpdateAlias",
        "kms:UpdateKeyDescription",
      ]
      Resource = "arn:aws:kms:${var.region}:${var.account}:key/*"
      Condition = {
        StringEquals = { "aws:ResourceTag/slipway:project" = var.project, "aws:ResourceTag/slipway:managed-by" = "terraform/registry" }
      }
    },
    {
      Sid      = "Alias"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      Resource = "arn:aws:kms:${var.region}:${var.account}:alias/${var.project}/registry"
    },
  ]

  # A state is written and never deleted; its lock, and the note of what was applied, come and go.
  state = {
    for environment in var.environments : environment => [
      {
        Sid      = "WriteState"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arn}/registry/*", "${local.bucket_arn}/environments/${environment}/*"]
      },
      {
        Sid    = "ReleaseLock"
        Effect = "Allow"
        Action = ["s3:DeleteObject"]
        Resource = flatten([
          for folder in ["registry", "environments/${environment}"] : [
            for ending in ["tflock", "applied"] : "${local.bucket_arn}/${folder}/*.${ending}"
          ]
        ])
      },
    ]
  }
}
