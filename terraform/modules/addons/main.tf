locals {
  with_role = { for name, addon in var.addons : name => addon if addon.service_account != null }
}

resource "aws_iam_role" "this" {
  for_each = local.with_role

  name        = "${var.name}.${each.key}"
  description = "What the pods of ${each.key} in ${var.cluster_name} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.with_role

  role       = aws_iam_role.this[each.key].name
  policy_arn = startswith(each.value.policy, "arn:") ? each.value.policy : "arn:aws:iam::aws:policy/${each.value.policy}"
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = local.with_role

  cluster_name    = var.cluster_name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.this[each.key].arn

  depends_on = [aws_iam_role_policy_attachment.this]
}

resource "aws_eks_addon" "this" {
  for_each = var.addons

  cluster_name                = var.cluster_name
  addon_name                  = each.key
  addon_version               = each.value.version
  configuration_values        = each.value.values
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  # A pod that starts before its association has no credentials until it is restarted.
  depends_on = [aws_eks_pod_identity_association.this]
}
