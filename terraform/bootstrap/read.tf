locals {
  # All that `terraform plan` reads. Describing and listing mostly knows no narrower resource than "*".
  read = [
    {
      Sid      = "State"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${local.bucket_arn}/*"
    },
    {
      Sid      = "StateBucket"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetBucketVersioning"]
      Resource = local.bucket_arn
    },
    {
      Sid    = "Describe"
      Effect = "Allow"
      Action = [
        "acm:ListCertificates",
        "ec2:Describe*",
        "eks:DescribeAddonVersions",
        "eks:DescribeClusterVersions",
        "eks:ListClusters",
        "kms:ListAliases",
        "logs:DescribeLogGroups",
        "route53:ListHostedZones",
        "tag:GetResources",
      ]
      Resource = "*"
    },
    {
      Sid    = "Cluster"
      Effect = "Allow"
      Action = ["eks:Describe*", "eks:List*"]
      Resource = [
        for kind in ["cluster", "nodegroup", "addon", "access-entry", "podidentityassociation"] :
        "arn:aws:eks:${var.region}:${var.account}:${kind}/${var.project}-*"
      ]
    },
    {
      Sid       = "Keys"
      Effect    = "Allow"
      Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
      Resource  = "arn:aws:kms:${var.region}:${var.account}:key/*"
      Condition = { StringEquals = { "aws:ResourceTag/slipway:project" = var.project } }
    },
    {
      Sid    = "Roles"
      Effect = "Allow"
      Action = [
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
        "iam:ListRoleTags",
      ]
      Resource = "arn:aws:iam::${var.account}:role/${var.project}-*"
    },
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:ListTagsForResource"]
      Resource = "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/eks/${var.project}-*"
    },
    {
      Sid      = "Budgets"
      Effect   = "Allow"
      Action   = ["budgets:ViewBudget", "budgets:ListTagsForResource"]
      Resource = "arn:aws:budgets::${var.account}:budget/${var.project}-*"
    },
    {
      # Where apps have names of their own, and whether one of them was forgotten.
      Sid    = "Names"
      Effect = "Allow"
      Action = [
        "acm:DescribeCertificate",
        "acm:ListTagsForCertificate",
        "route53:GetChange",
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
        "route53:ListTagsForResource",
      ]
      Resource = [
        "arn:aws:acm:${var.region}:${var.account}:certificate/*",
        "arn:aws:route53:::change/*",
        "arn:aws:route53:::hostedzone/*",
      ]
    },
    {
      Sid    = "Images"
      Effect = "Allow"
      Action = [
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:GetLifecyclePolicy",
        "ecr:ListImages",
        "ecr:ListTagsForResource",
      ]
      Resource = local.arn.repositories
    },
  ]

  # Everything that builds and releases need, and nothing of Terraform.
  images = [
    {
      Sid      = "Login"
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = "*" # a login is for the whole registry; what it is worth, the next statement says
    },
    {
      Sid    = "Images"
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]
      Resource = local.arn.repositories
    },
  ]

  # Where a cluster's API server is. What a release may see there, the cluster's access entry says.
  verify = [
    {
      Sid      = "Cluster"
      Effect   = "Allow"
      Action   = ["eks:DescribeCluster"]
      Resource = "arn:aws:eks:${var.region}:${var.account}:cluster/${var.project}-*"
    },
  ]

  # Reports wait in the bucket for a console that is away, and what teardowns left is reported; of everything else in it,
  # this role sees nothing.
  reports = [
    {
      Sid       = "ListReports"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = local.bucket_arn
      Condition = { StringLike = { "s3:prefix" = "reports/*" } }
    },
    {
      Sid      = "Reports"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = "${local.bucket_arn}/reports/*"
    },
    {
      Sid      = "ReadReceipts"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${local.bucket_arn}/environments/*/receipt.json"
    },
  ]
}
