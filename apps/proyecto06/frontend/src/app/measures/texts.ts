/** What the pages here say. `$localize` puts the translation in when a language is built (src/locale). */
export const texts = {
  measure: {
    source: $localize`:@@measure.source:Definition by DORA`,
    none: $localize`:@@measure.none:no value`,
    nothing: $localize`:@@measure.nothing:Nothing happened in this time that this measure counts.`,
    from: $localize`:@@measure.from:From`,
  },
  link: {
    newTab: $localize`:@@link.newTab:(new tab)`,
  },
  measures: {
    title: $localize`:@@measures.title:Measures`,
    lead: $localize`:@@measures.lead:The four measures by which DORA describes software delivery, from what was committed, delivered and proven here.`,
    range: $localize`:@@measures.range:Time`,
    interval: $localize`:@@measures.interval:Interval`,
  },
  filters: {
    environment: $localize`:@@filters.environment:Environment`,
    all: $localize`:@@filters.all:All`,
  },
};
