/** What the pages here say. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  /** By the word with which the backend sends somebody here who could not be let in. */
  problem: {
    denied: $localize`:@@signIn.denied:The sign-in was refused or cancelled there.`,
    "not-allowed": $localize`:@@signIn.notAllowed:You are known there, but not among those who may see this console.`,
    expired: $localize`:@@signIn.expired:It took too long, or was begun in another browser. Please try again.`,
    failed: $localize`:@@signIn.failed:The sign-in failed. Whoever runs this console finds the reason in the backend’s log.`,
    link: $localize`:@@signIn.usedLink:This link was used before, is too old, or was not copied whole.`,
  },
  signIn: {
    title: $localize`:@@signIn.title:Sign in`,
    lead: $localize`:@@signIn.lead:The console shows what the pipeline did, to those who are signed in. It changes nothing.`,
    with: $localize`:@@signIn.with:Sign in with`,
    link: $localize`:@@signIn.link:With a one-time link`,
    linkHow: $localize`:@@signIn.linkHow:Ask whoever runs this console for one: the backend writes it to its log when it starts. It opens the console once, for one person.`,
    none: $localize`:@@signIn.none:No way to sign in is configured. Ask whoever runs this console to name an issuer.`,
  },
  session: {
    as: $localize`:@@session.as:Signed in as`,
  },
  notFound: {
    link: $localize`:@@notFound.link:See the deliveries`,
  },
};
