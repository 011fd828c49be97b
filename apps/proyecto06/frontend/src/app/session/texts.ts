/** What the page here says. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  lead: $localize`:@@signIn.lead:The console shows what the pipeline did, to those who are signed in. It changes nothing.`,
};
