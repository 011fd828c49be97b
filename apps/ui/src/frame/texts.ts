/** What the frame says. `$localize` puts the translation in when a language is built (locale/es.json). */
export const texts = {
  skip: $localize`:@@nav.skip:Skip to the content`,
  notFound: {
    heading: $localize`:@@notFound.heading:There is no such page`,
    text: $localize`:@@notFound.text:The address may be mistyped, or what it showed was removed when its time was over.`,
  },
};
