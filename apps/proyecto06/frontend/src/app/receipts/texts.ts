/** What the pages here say. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  receipt: {
    of: (environment: string) => $localize`:@@receipt.of:Receipt of ${environment}:environment:`,
    verdict: $localize`:@@receipt.verdict:Verdict`,
    stillBilled: $localize`:@@receipt.stillBilled:Still billed a month`,
    keptMonthly: $localize`:@@receipt.keptMonthly:Kept on purpose, a month`,
    looked: $localize`:@@receipt.looked:Looked`,
    looks: (looks: number, time: string) => $localize`:@@receipt.looks:${looks}:looks: × in ${time}:time:`,
    caption: $localize`:@@receipt.caption:What is left`,
    class: $localize`:@@receipt.class:Class`,
    thing: $localize`:@@receipt.thing:Thing`,
    monthly: $localize`:@@receipt.monthly:A month`,
    why: $localize`:@@receipt.why:Why`,
    noPrice: $localize`:@@receipt.noPrice:unknown`,
    nothing: $localize`:@@receipt.nothing:Nothing is left.`,
    billable: $localize`:@@receipt.billable:Still billed`,
    unknown: $localize`:@@receipt.unknown:Unknown`,
    kept: $localize`:@@receipt.kept:Kept on purpose`,
    title: $localize`:@@receipt.title:Receipt`,
    run: $localize`:@@receipt.run:See the run of this teardown`,
  },
  receipts: {
    title: $localize`:@@receipts.title:Receipts`,
    lead: $localize`:@@receipts.lead:What each teardown left behind, looked for in the account itself, and what it costs.`,
    none: $localize`:@@receipts.none:There is no receipt yet`,
    noneHint: $localize`:@@receipts.noneHint:The first teardown of an environment leaves one here.`,
  },
  list: {
    more: $localize`:@@list.more:Show older ones`,
  },
};
