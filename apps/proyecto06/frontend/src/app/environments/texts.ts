/** What the pages here say. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  environment: {
    proven: $localize`:@@environment.proven:last proven`,
    caption: $localize`:@@environment.caption:Apps that run in this environment`,
    app: $localize`:@@environment.app:App`,
    age: $localize`:@@environment.age:Age of release`,
    since: $localize`:@@environment.since:Since`,
    by: $localize`:@@environment.by:By`,
    source: $localize`:@@environment.source:Commit`,
    images: $localize`:@@environment.images:Images`,
    pods: $localize`:@@environment.pods:Pods`,
    open: $localize`:@@environment.open:Open`,
    nothing: $localize`:@@environment.nothing:Nothing runs here now.`,
    last: $localize`:@@environment.last:Last delivery`,
    receipt: $localize`:@@environment.receipt:Last receipt`,
  },
  link: {
    newTab: $localize`:@@link.newTab:(new tab)`,
  },
  environments: {
    title: $localize`:@@environments.title:Environments`,
    lead: $localize`:@@environments.lead:What runs where now, since when, and who brought it there.`,
    none: $localize`:@@environments.none:There is no environment yet`,
    noneHint: $localize`:@@environments.noneHint:The first delivery to one makes it appear.`,
  },
};
