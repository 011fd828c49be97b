/** What a chart says without being told. */
export const texts = {
  nothing: $localize`:@@chart.nothing:There is nothing to show for this time.`,
};
