locals {
  issuer = "token.actions.githubusercontent.com"

  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = var.provider_arn }
      Condition = {
        StringEquals = merge(
          { "${local.issuer}:aud" = "sts.amazonaws.com", "${local.issuer}:sub" = var.subjects },
          # Which of GitHub's claims are condition keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
          { for claim, values in var.claims : "${local.issuer}:${claim}" => values },
        )
      }
    }]
  })
}

resource "aws_iam_role" "this" {
  #checkov:skip=CKV_AWS_393:The subjects are a variable, which the check cannot read; its validation and our tests hold every value to be exact
  name                 = var.name
  description          = var.description
  assume_role_policy   = local.trust
  max_session_duration = var.max_session_seconds
}

resource "aws_iam_policy" "this" {
  for_each = var.policies

  name   = "${var.name}-${each.key}"
  policy = each.value
}

resource "aws_iam_role_policy_attachment" "this" {
  # By the policies' names, which an import knows; it does not know what is made later.
  for_each = var.policies

  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this[each.key].arn
}
