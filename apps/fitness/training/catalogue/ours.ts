/** Who wrote a row, and under which licence: this repository's. Every row names both; there is no default. */
export const ours = { author: "Slipway contributors", licence: "Apache-2.0" } as const;
