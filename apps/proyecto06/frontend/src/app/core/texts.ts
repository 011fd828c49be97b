/** What the pages here say. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  notFound: {
    heading: $localize`:@@notFound.heading:There is no such page`,
    text: $localize`:@@notFound.text:The address may be mistyped, or what it showed was removed when its time was over.`,
    link: $localize`:@@notFound.link:See the deliveries`,
  },
};
