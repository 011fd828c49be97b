# What a receipt reads besides what a plan does: lists of whole services, to see what nobody remembers. Of others' things
# they show names and tags, and never what is in them.
locals {
  inventory = [
    {
      Sid    = "Lists"
      Effect = "Allow"
      Action = [
        "ecr:DescribeRepositories",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroups",
        "iam:ListInstanceProfiles",
        "iam:ListOpenIDConnectProviders",
        "iam:ListRoles",
        "s3:ListAllMyBuckets",
        "secretsmanager:ListSecrets",
      ]
      Resource = "*" # a list knows no narrower resource
    },
    {
      Sid      = "InstanceProfiles"
      Effect   = "Allow"
      Action   = ["iam:GetInstanceProfile"]
      Resource = "arn:aws:iam::${var.account}:instance-profile/*" # EKS names those of its nodes by a number
    },
    {
      Sid      = "ClusterIdentities"
      Effect   = "Allow"
      Action   = ["iam:GetOpenIDConnectProvider", "iam:ListOpenIDConnectProviderTags"]
      Resource = "arn:aws:iam::${var.account}:oidc-provider/oidc.eks.${var.region}.amazonaws.com/*"
    },
    {
      # Of a bucket that is only known by its tags nothing can be told, which makes a receipt red.
      Sid      = "Buckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketTagging", "s3:ListBucket", "s3:ListBucketVersions"]
      Resource = "arn:aws:s3:::${var.project}-*"
    },
    {
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:DescribeSecret"]
      Resource = [for sign in ["/", "-"] : "arn:aws:secretsmanager:${var.region}:${var.account}:secret:${var.project}${sign}*"]
    },
    {
      Sid      = "ObservabilityLogs"
      Effect   = "Allow"
      Action   = ["logs:ListTagsForResource"]
      Resource = "arn:aws:logs:${var.region}:${var.account}:log-group:/aws/containerinsights/${var.project}-*"
    },
  ]
}
