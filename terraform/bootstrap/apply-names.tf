# Certificates and DNS records: what an apply role may do there (apply.tf), and what the controller may that gives apps their
# names. A zone is shared with others, so names say whose a record is: one label before the environment's own domain, and so
# never the domain itself, nor another environment's names below it.
locals {
  records = {
    for environment, domain in var.domains : environment => {
      names = {
        "ForAllValues:StringLike"    = { "route53:ChangeResourceRecordSetsNormalizedRecordNames" = ["*.${domain}"] }
        "ForAllValues:StringNotLike" = { "route53:ChangeResourceRecordSetsNormalizedRecordNames" = ["*.*.${domain}"] }
        # "ForAllValues" also holds where a request has no such key.
        Null = { "route53:ChangeResourceRecordSetsNormalizedRecordNames" = "false" }
      }
      # What points to a load balancer, and ExternalDNS's note next to it that says whose it is.
      types = ["A", "AAAA", "TXT"]
    }
  }

  naming = {
    for environment, domain in var.domains : environment => [
      {
        Sid      = "RequestCertificate"
        Effect   = "Allow"
        Action   = ["acm:RequestCertificate"]
        Resource = "*" # a certificate has no name before it exists
        Condition = {
          StringEquals                = local.requests[environment]
          "ForAllValues:StringEquals" = { "acm:DomainNames" = ["*.${domain}"] }
        }
      },
      {
        Sid      = "TagNewCertificate"
        Effect   = "Allow"
        Action   = ["acm:AddTagsToCertificate"]
        Resource = "arn:aws:acm:${var.region}:${var.account}:certificate/*"
        Condition = {
          StringEquals         = local.requests[environment]
          StringEqualsIfExists = local.ours[environment]
        }
      },
      {
        Sid       = "Certificate"
        Effect    = "Allow"
        Action    = ["acm:DeleteCertificate", "acm:RemoveTagsFromCertificate"]
        Resource  = "arn:aws:acm:${var.region}:${var.account}:certificate/*"
        Condition = { StringEquals = local.ours[environment] }
      },
      {
        # CNAME: by which ACM sees whose the domain is. The others: what a controller that is gone has left.
        Sid      = "Records"
        Effect   = "Allow"
        Action   = ["route53:ChangeResourceRecordSets"]
        Resource = "arn:aws:route53:::hostedzone/*" # the names below say which
        Condition = merge(local.records[environment].names, {
          "ForAllValues:StringEquals" = { "route53:ChangeResourceRecordSetsRecordTypes" = concat(local.records[environment].types, ["CNAME"]) }
        })
      },
      {
        Sid       = "AddonPolicies"
        Effect    = "Allow"
        Action    = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
        Resource  = "arn:aws:iam::${var.account}:role/${local.names[environment]}.external-dns"
        Condition = { ArnEqualsIfExists = { "iam:PolicyARN" = ["arn:aws:iam::${var.account}:policy/${local.names[environment]}.external-dns"] } }
      },
    ]
  }
}
