/** What the pages here say. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  nav: {
    skip: $localize`:@@nav.skip:Skip to the content`,
  },
  live: {
    open: $localize`:@@live.open:Live`,
    lost: $localize`:@@live.lost:The live connection is lost: what you see may be old. Connecting again…`,
    retry: $localize`:@@live.retry:Try now`,
  },
  preferences: {
    language: $localize`:@@preferences.language:Language`,
    scheme: $localize`:@@preferences.scheme:Colours`,
    contrast: $localize`:@@preferences.contrast:Contrast`,
  },
  session: {
    as: $localize`:@@session.as:Signed in as`,
    signOut: $localize`:@@session.signOut:Sign out`,
  },
};
