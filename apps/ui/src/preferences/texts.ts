/** What the panel says besides the preferences' own words. */
export const texts = {
  language: $localize`:@@preferences.language:Language`,
  signedIn: $localize`:@@session.as:Signed in as`,
  signOut: $localize`:@@session.signOut:Sign out`,
};
