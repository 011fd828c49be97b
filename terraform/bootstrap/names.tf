# The zone is there before: a domain without one is refused here, by a person who can make it, and not in a delivery.
data "aws_route53_zone" "this" {
  for_each = var.zones

  name         = each.value
  private_zone = false
}

# What ExternalDNS may do in an environment's cluster. The apply role can give this policy to its role and can make none.
# https://github.com/kubernetes-sigs/external-dns/blob/master/docs/tutorials/aws.md#iam-policy
resource "aws_iam_policy" "external_dns" {
  for_each = var.domains

  name        = "${local.names[each.key]}.external-dns"
  description = "Names below ${each.value}, in its own zone"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Records"
        Effect   = "Allow"
        Action   = ["route53:ChangeResourceRecordSets"]
        Resource = data.aws_route53_zone.this[each.key].arn
        Condition = merge(local.records[each.key].names, {
          "ForAllValues:StringEquals" = { "route53:ChangeResourceRecordSetsRecordTypes" = local.records[each.key].types }
        })
      },
      {
        Sid      = "Zone"
        Effect   = "Allow"
        Action   = ["route53:ListResourceRecordSets", "route53:ListTagsForResources"]
        Resource = data.aws_route53_zone.this[each.key].arn
      },
      {
        Sid      = "Zones"
        Effect   = "Allow"
        Action   = ["route53:ListHostedZones"]
        Resource = "*" # a list knows no narrower resource
      },
    ]
  })
}
