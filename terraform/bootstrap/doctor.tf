# What the doctor asks before the first delivery, and when one fails (actions/lib/doctor), beyond what a plan reads and a
# receipt lists: how much the account may have, with which key its disks are encrypted, and for whom GitHub's tokens are.
locals {
  doctor = [
    {
      Sid    = "Quotas"
      Effect = "Allow"
      Action = [
        "ec2:GetEbsDefaultKmsKeyId",
        "ec2:GetEbsEncryptionByDefault",
        "servicequotas:GetAWSDefaultServiceQuota",
        "servicequotas:GetServiceQuota",
      ]
      Resource = "*" # settings and quotas of the account know no narrower resource
    },
    {
      Sid      = "Provider"
      Effect   = "Allow"
      Action   = ["iam:GetOpenIDConnectProvider"]
      Resource = local.arn.provider
    },
    {
      # Whether the account has the roles that EKS needs, or the apply role may have them made.
      Sid      = "ServiceLinkedRoles"
      Effect   = "Allow"
      Action   = ["iam:GetRole"]
      Resource = "arn:aws:iam::${var.account}:role/aws-service-role/*"
    },
    {
      Sid      = "Simulate"
      Effect   = "Allow"
      Action   = ["iam:SimulatePrincipalPolicy"]
      Resource = "arn:aws:iam::${var.account}:role/${var.project}-apply-*"
    },
  ]
}
