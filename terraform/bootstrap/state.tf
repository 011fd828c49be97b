resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:Nobody logs who reads or writes the state: an access log needs a second bucket, and CloudTrail logs calls for objects only where data events are asked for; README.md says how
  #checkov:skip=CKV_AWS_144:What the state describes lives in one region, and so does the state
  #checkov:skip=CKV2_AWS_62:Nothing reacts to a new state
  #checkov:skip=CKV2_AWS_61:An old state is what saves an environment whose state was lost, and costs cents a year to keep
  bucket = local.bucket

  # Who loses the state loses track of everything that bills. To remove it is a decision of its own: README.md.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    # With the account's own aws/s3 key: whoever may read the object may use the key, so the bucket alone decides.
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket = aws_s3_bucket.state.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTLS"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 refuses two changes of a bucket's access at once.
  depends_on = [aws_s3_bucket_public_access_block.state]
}
