mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/slipway-dev.aws-ebs-csi-driver" }
  }
}

variables {
  name         = "slipway-dev"
  cluster_name = "slipway-dev"
  addons = {
    coredns = {}
    aws-ebs-csi-driver = {
      service_account = "ebs-csi-controller-sa"
      policy          = "service-role/AmazonEBSCSIDriverPolicy"
      values          = "{\"controller\":{\"extraVolumeTags\":{\"slipway:environment\":\"dev\"}}}"
    }
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
