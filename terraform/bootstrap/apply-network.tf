# The network, the nodes' launch template and the budget: what an apply role may do there (apply.tf).
locals {
  network = {
    for environment in var.environments : environment => [
      {
        Sid    = "Make"
        Effect = "Allow"
        Action = ["ec2:AllocateAddress", "ec2:CreateInternetGateway", "ec2:CreateLaunchTemplate", "ec2:CreateVpc"]
        Resource = [
          for kind in ["elastic-ip", "internet-gateway", "launch-template", "vpc"] : "${local.ec2}:${kind}/*"
        ]
        Condition = { StringEquals = local.requests[environment] }
      },
      # What is made in something else: that may be nobody else's, which "Change" says. So only the new thing is named here.
      {
        Sid       = "MakeInNetwork"
        Effect    = "Allow"
        Action    = ["ec2:CreateNatGateway", "ec2:CreateRouteTable"]
        Resource  = ["${local.ec2}:natgateway/*", "${local.ec2}:route-table/*"]
        Condition = { StringEquals = local.requests[environment] }
      },
      {
        Sid       = "MakeSubnet" # which a NAT gateway is made in
        Effect    = "Allow"
        Action    = ["ec2:CreateSubnet"]
        Resource  = "${local.ec2}:subnet/*"
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
          "ec2:DeleteNatGateway",
          "ec2:DeleteRoute",
          "ec2:DeleteRouteTable",
          "ec2:DeleteSubnet",
          "ec2:DeleteTags",
          "ec2:DeleteVpc",
          "ec2:DetachInternetGateway",
          "ec2:DisassociateAddress",
          "ec2:DisassociateRouteTable",
          "ec2:ModifyLaunchTemplate",
          "ec2:ModifyVpcAttribute",
          "ec2:ReleaseAddress",
          "ec2:ReplaceRoute",
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
              "CreateSubnet", "CreateVpc",
            ]
          })
        }
      },
      {
        # EKS checks a node group's launch template in the caller's name: RunInstances, which starts nothing. It may use its own
        # copy of the template, which carries the cluster's name, and it adds the machine image, the type and the security
        # groups. These do not have our tags, and no document says which condition keys the request has. So there is no
        # condition. Every instance starts in a subnet, and "Change" allows only the environment's subnets.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        Sid    = "StartNodes"
        Effect = "Allow"
        Action = ["ec2:RunInstances"]
        Resource = concat(
          [for kind in ["instance", "network-interface", "security-group", "volume"] : "${local.ec2}:${kind}/*"],
          ["arn:aws:ec2:${var.region}::image/*"],
        )
      },
      {
        Sid       = "StartFromCopies"
        Effect    = "Allow"
        Action    = ["ec2:RunInstances"]
        Resource  = "${local.ec2}:launch-template/*"
        Condition = { StringEquals = { "aws:ResourceTag/eks:cluster-name" = local.names[environment] } }
      },
      {
        # With our tags, or with EKS's own tags only.
        Sid      = "TagNodes"
        Effect   = "Allow"
        Action   = ["ec2:CreateTags"]
        Resource = [for kind in ["instance", "network-interface", "volume"] : "${local.ec2}:${kind}/*"]
        Condition = {
          StringEquals         = { "ec2:CreateAction" = "RunInstances" }
          StringEqualsIfExists = local.requests[environment]
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
}
