# Who may take on which role, and what it may do: all that the roles are made of, without what makes them (roles.tf). There
# are variables and values here and in the files that it names, and nothing that asks AWS, so that "./slipway generate" can
# read the policies without an account.
locals {
  # GitHub names a workflow's repository in `sub` by its names, or by names and ids; both are exact, so both are trusted.
  # https://docs.github.com/actions/reference/openid-connect-reference#immutable-subject-claims
  owner = split("/", var.repository)[0]
  name  = split("/", var.repository)[1]
  repositories = concat(
    ["repo:${var.repository}"],
    var.repository_ids == null ? [] : ["repo:${local.owner}@${var.repository_ids.owner_id}/${local.name}@${var.repository_ids.repository_id}"],
  )

  pull_request = [for repository in local.repositories : "${repository}:pull_request"]
  branch       = [for repository in local.repositories : "${repository}:ref:refs/heads/${var.branch}"]
  environment = {
    for name in var.environments : name => [for repository in local.repositories : "${repository}:environment:${name}"]
  }

  # The workflow files whose jobs use a role that changes something. Only as they are on the branch: an environment that
  # nobody protected on GitHub takes jobs of any branch, and whoever may push one may put any workflow there.
  workflows = { deploy = ["deliver", "destroy"], apply = ["deliver", "destroy", "lease"] }

  # A name that its owner gave up may become somebody else's; a number does not.
  numbers = var.repository_ids == null ? {} : { repository_id = [var.repository_ids.repository_id] }
  bound = {
    for role, files in local.workflows : role => merge(local.numbers, {
      ref              = ["refs/heads/${var.branch}"]
      job_workflow_ref = [for file in files : "${var.repository}/.github/workflows/${file}.yml@refs/heads/${var.branch}"]
    })
  }

  bucket     = "${var.project}-state-${var.account}-${var.region}"
  bucket_arn = "arn:aws:s3:::${local.bucket}"

  arn = {
    provider     = "arn:aws:iam::${var.account}:oidc-provider/token.actions.githubusercontent.com"
    repositories = "arn:aws:ecr:${var.region}:${var.account}:repository/${var.project}/*"
  }

  # How long a session may last at most, actions/lib/aws/role-sessions.ts says too: STS refuses whoever asks for more.
  roles = merge(
    {
      # Reads what a plan compares, and the plan of a pull request runs code that nobody has reviewed yet: it never writes.
      # It is bound to no workflow file: a pull request brings its own, so everyone who may push a branch can read this.
      plan = {
        subjects        = concat(local.pull_request, local.branch)
        claims          = local.numbers
        policies        = { read = local.read, inventory = local.inventory, doctor = local.doctor }
        session_seconds = 3600
      }
      deploy = {
        subjects        = local.branch
        claims          = local.bound.deploy
        policies        = { images = local.images, verify = local.verify, reports = local.reports }
        session_seconds = 3600
      }
    },
    {
      # Only jobs of the environment on GitHub, behind whatever reviewers are set there.
      for name in var.environments : "apply-${name}" => {
        subjects = local.environment[name]
        claims   = local.bound.apply
        policies = merge(
          {
            read      = local.read
            inventory = local.inventory
            doctor    = local.doctor
            registry  = local.registry
            network   = local.network[name]
            cluster   = local.cluster[name]
            sweep     = local.sweep[name]
            state     = local.state[name]
          },
          # Only an environment with a domain has anything to do with names.
          { for policy in contains(keys(var.domains), name) ? ["names"] : [] : policy => local.naming[name] },
        )
        # An EKS cluster, its nodes and its add-ons take longer than the usual hour on a bad day.
        session_seconds = 7200
      }
    },
  )

  # As IAM takes them.
  policies = {
    for name, role in local.roles : name => {
      for policy, statements in role.policies : policy => jsonencode({ Version = "2012-10-17", Statement = statements })
    }
  }
}
