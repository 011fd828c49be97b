/**
 * The most that a report holds: said here alone. The pipeline cuts what it reports to it, the backend refuses what is
 * above it. Texts are counted as JavaScript counts them, in UTF-16 code units.
 */
export const limits = {
  /** Bytes of a whole report as JSON. nginx's `client_max_body_size` is the same. */
  bytes: 4 * 1024 * 1024,
  texts: {
    title: 1_000,
    author: 200,
    actor: 200,
    branch: 500,
    detail: 253,
    failure: 2_000,
    name: 253,
    key: 200,
    workload: 300,
    node: 253,
    readySince: 40,
    revision: 100,
    url: 2_000,
    why: 2_000,
    itemTitle: 500,
    itemName: 2_000,
    what: 100,
  },
  lists: {
    // A run has at most 256 jobs of one matrix: https://docs.github.com/en/actions/reference/limits
    stages: 500,
    images: 5_000,
    released: 5_000,
    apps: 500,
    appImages: 5_000,
    keys: 100,
    urls: 50,
    pods: 5_000,
    containers: 50,
    items: 5_000,
    cut: 50,
  },
  /** Of money, in US dollars, and of seconds. */
  amount: 1e9,
} as const;
