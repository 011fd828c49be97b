mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/slipway-dev.aws-ebs-csi-driver" }
  }
}

variables {
  name         = "slipway-dev"
  cluster_name = "slipway-dev"
  addons = {
    coredns = { version = "v1.14.2-eksbuild.3" }
    aws-ebs-csi-driver = {
      version         = "v1.59.0-eksbuild.1"
      service_account = "ebs-csi-controller-sa"
      policy          = "service-role/AmazonEBSCSIDriverPolicy"
      values          = "{\"controller\":{\"extraVolumeTags\":{\"slipway:environment\":\"dev\"}}}"
    }
  }
}

run "each_has_the_version_that_was_looked_up" {
  command = plan

  assert {
    condition = { for name, addon in aws_eks_addon.this : name => addon.addon_version } == {
      coredns = "v1.14.2-eksbuild.3", aws-ebs-csi-driver = "v1.59.0-eksbuild.1"
    }
    error_message = "Without a version, EKS would leave an add-on as it was when the cluster was made."
  }
}

run "only_the_pods_that_need_a_role_have_one" {
  assert {
    condition     = keys(aws_iam_role.this) == ["aws-ebs-csi-driver"] && keys(aws_eks_addon.this) == ["aws-ebs-csi-driver", "coredns"]
    error_message = "coredns talks to no AWS service."
  }

  assert {
    condition = (
      aws_eks_pod_identity_association.this["aws-ebs-csi-driver"].service_account == "ebs-csi-controller-sa" &&
      aws_iam_role_policy_attachment.this["aws-ebs-csi-driver"].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy" &&
      jsondecode(aws_iam_role.this["aws-ebs-csi-driver"].assume_role_policy).Statement[0].Principal.Service == "pods.eks.amazonaws.com"
    )
    error_message = "The CSI controller gets its role by EKS Pod Identity."
  }
}

run "an_addon_of_another_namespace_holds_a_policy_of_the_account" {
  variables {
    addons = {
      external-dns = {
        namespace       = "external-dns"
        service_account = "external-dns"
        version         = "v0.20.0-eksbuild.1"
        policy          = "arn:aws:iam::123456789012:policy/slipway-dev.external-dns"
      }
    }
  }

  assert {
    condition = (
      aws_eks_pod_identity_association.this["external-dns"].namespace == "external-dns" &&
      aws_iam_role_policy_attachment.this["external-dns"].policy_arn == "arn:aws:iam::123456789012:policy/slipway-dev.external-dns" &&
      aws_iam_role.this["external-dns"].name == "slipway-dev.external-dns"
    )
    error_message = "What it may do is narrower than any policy of AWS."
  }
}
