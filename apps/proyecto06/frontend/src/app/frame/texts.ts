/** What the frame says of the live connection. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  live: {
    open: $localize`:@@live.open:Live`,
    lost: $localize`:@@live.lost:The live connection is lost: what you see may be old. Connecting again…`,
    retry: $localize`:@@live.retry:Try now`,
  },
};
