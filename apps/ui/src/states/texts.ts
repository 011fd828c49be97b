/** What the pages here say. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  problem: {
    request: $localize`:@@problem.request:Request`,
    retry: $localize`:@@problem.retry:Try again`,
  },
  loading: $localize`:@@loading:Loading…`,
};
