/** Where a rule comes from. */
export interface Source {
  title: string;
  link: string;
}

/** The publications behind the rules, by the name that docstrings use. */
export const sources = {
  acsm: {
    title:
      "American College of Sports Medicine: Progression Models in Resistance Training for Healthy Adults. Med Sci Sports Exerc 41(3), 2009",
    link: "https://doi.org/10.1249/MSS.0b013e3181915670",
  },
  brzycki: {
    title: "Brzycki: Strength Testing: Predicting a One-Rep Max from Reps-to-Fatigue. JOPERD 64(1), 1993",
    link: "https://doi.org/10.1080/07303084.1993.10606684",
  },
  reynolds: {
    title:
      "Reynolds, Gordon, Robergs: Prediction of One Repetition Maximum Strength from Multiple Repetition Maximum Testing. J Strength Cond Res 20(3), 2006 (no more than ten repetitions for linear formulas, such as Epley's of 1985)",
    link: "https://doi.org/10.1519/R-15304.1",
  },
  schoenfeld: {
    title:
      "Schoenfeld, Ogborn, Krieger: Dose-response relationship between weekly resistance training volume and increases in muscle mass. J Sports Sci 35(11), 2017",
    link: "https://doi.org/10.1080/02640414.2016.1210197",
  },
  iversen: {
    title: "Iversen, Norum, Schoenfeld, Fimland: No Time to Lift? Sports Med 51, 2021 (at least four sets a week)",
    link: "https://doi.org/10.1007/s40279-021-01490-1",
  },
  bazValle: {
    title:
      "Baz-Valle, Balsalobre-Fernández, Alix-Fages, Santos-Concejero: The Effects of Different Resistance Training Volumes on Muscle Hypertrophy. J Hum Kinet 81, 2022 (12 to 20 sets a week for trained people)",
    link: "https://doi.org/10.2478/hukin-2022-0017",
  },
  pelland: {
    title: "Pelland and others: The Resistance Training Dose-Response. SportRxiv, 2024 (indirect sets count half)",
    link: "https://doi.org/10.51224/SportRxiv.460",
  },
  rogerson: {
    title:
      "Rogerson and others: Deloading Practices in Strength and Physique Sports. Sports Med Open 10, 2024 (every five to six weeks, for about a week)",
    link: "https://doi.org/10.1186/s40798-024-00691-y",
  },
  who: {
    title: "WHO guidelines on physical activity and sedentary behaviour, 2020 (150 minutes a week)",
    link: "https://www.who.int/publications/i/item/9789240015128",
  },
} as const satisfies Readonly<Record<string, Source>>;
export type SourceId = keyof typeof sources;
