# What `terraform apply` and `terraform destroy` of one environment need. Three things keep it in its place:
# - names, where IAM knows a resource by its name: the whole of <project>-<environment>, or this and a dot or a slash. A
#   project has no hyphen in its name, and neither has a dot or a slash, so no name is a part of another's;
# - tags say whose it is, where it only knows an id: new things must carry ours, and only what carries ours may change;
# - the roles that it makes can have no policy but those of AWS that EKS needs, so none can do more than these.
locals {
  names    = { for name in var.environments : name => "${var.project}-${name}" }
  requests = { for name in var.environments : name => { "aws:RequestTag/slipway:project" = var.project, "aws:RequestTag/slipway:environment" = name } }
  ours     = { for name in var.environments : name => { "aws:ResourceTag/slipway:project" = var.project, "aws:ResourceTag/slipway:environment" = name } }

  # Who tags a key owns it by that tag, so only a key that is nobody's yet is tagged: one that is in use has an alias.
  # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
  new_key = { Null = { "kms:ResourceAliases" = "true" } }

  ec2 = "arn:aws:ec2:${var.region}:${var.account}"

  node_policies = [
    "AmazonEKSClusterPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKS_CNI_Policy",
    "service-role/AmazonEBSCSIDriverPolicy",
  ]

  registry_tags = {
    for when, prefix in { requests = "aws:RequestTag", ours = "aws:ResourceTag" } :
    when => { "${prefix}/slipway:project" = var.project, "${prefix}/slipway:managed-by" = "terraform/registry" }
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
        "ecr:PutImageTagMutability",
        "ecr:PutLifecyclePolicy",
        "ecr:TagResource",
        "ecr:UntagResource",
      ]
      Resource = local.arn.repositories
    },
    {
      Sid       = "MakeKey"
      Effect    = "Allow"
      Action    = ["kms:CreateKey"]
      Resource  = "*" # a key has no name before it exists
      Condition = { StringEquals = local.registry_tags.requests }
    },
    {
      Sid       = "TagNewKey"
      Effect    = "Allow"
      Action    = ["kms:TagResource"]
      Resource  = "*"
      Condition = merge(local.new_key, { StringEquals = local.registry_tags.requests, StringEqualsIfExists = local.registry_tags.ours })
    },
    {
      Sid    = "Key"
      Effect = "Allow"
      Action = [
        "kms:CreateAlias",
        "kms:CreateGrant", # ECR uses the key by a grant for each repository
        "kms:DeleteAlias",
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:RetireGrant",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
      ]
      Resource  = "arn:aws:kms:${var.region}:${var.account}:key/*"
      Condition = { StringEquals = local.registry_tags.ours }
    },
    {
      Sid      = "Alias"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias", "kms:DeleteAlias"]
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
