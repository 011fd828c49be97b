/** By the word with which the backend sends somebody to the sign-in page who could not be let in. */
export const problems: ReadonlyMap<string, string> = new Map([
  ["denied", $localize`:@@signIn.denied:The sign-in was refused or cancelled there.`],
  [
    "not-allowed",
    $localize`:@@signIn.notAllowed:You are known there, but you are not among those who may come in here.`,
  ],
  ["expired", $localize`:@@signIn.expired:It took too long, or was begun in another browser. Please try again.`],
  [
    "failed",
    $localize`:@@signIn.failed:The sign-in failed. Whoever runs this service finds the reason in the backend’s log.`,
  ],
  ["link", $localize`:@@signIn.usedLink:This link was used before, is too old, or was not copied whole.`],
]);

/** What the sign-in page says. */
export const texts = {
  title: $localize`:@@signIn.title:Sign in`,
  signedIn: $localize`:@@session.as:Signed in as`,
  with: $localize`:@@signIn.with:Sign in with`,
  link: $localize`:@@signIn.link:With a one-time link`,
  linkHow: $localize`:@@signIn.linkHow:Ask whoever runs this service for one: the backend writes it to its log when it starts. It lets one person in, once.`,
  none: $localize`:@@signIn.none:No way to sign in is configured. Ask whoever runs this service to name an issuer.`,
};
