/**
 * Every sentence of the library in English. `{name}` is filled with a number, a weight or names; `{name|one|many}` is the
 * number with the word that goes with it.
 */
export const en = {
  "why.pattern": "{exercise} is here for the movement “{pattern}”: it trains {muscles}.",
  "why.muscle":
    "{exercise} stands in for “{pattern}”, which nothing that suits you does: it trains {muscles} all the same.",
  "why.volume": "{exercise} is here so that {muscles} get at least {low|set|sets} a week.",
  "why.conditioning": "{exercise} for {minutes|minute|minutes} serves your goal: {goal}.",
  "why.injury": "It comes instead of {other}, which is not good for: {injuries}.",
  "why.equipment": "With {equipment} it could be {other}.",
  "plan.days": "Strength on {days|day|days} a week suits the level “{level}”.",
  "plan.repetitions": "{low} to {high} repetitions fit the level “{level}” and your goal: {goal}.",
  "plan.conditioning": "{days|more day is|more days are} for heart and lungs.",
  "plan.rest": "{days|day stays|days stay} free: muscles grow while they rest.",
  "plan.walk": "Walk briskly for another {minutes|minute|minutes} a week to reach {total}.",
  "warning.below": "{muscles}: {sets|set|sets} a week, below the recommended {low} to {high}. More days would help.",
  "warning.above": "{muscles}: {sets|set|sets} a week, above the recommended {low} to {high}.",
  "warning.impossible":
    "{muscles}: {sets|set|sets} a week; no exercise that trains them suits your equipment, level and injuries.",
  "warning.injuries":
    "The plan leaves out what is commonly bad for: {injuries}. It does not replace the advice of a doctor or physiotherapist.",
  "weight.start":
    "First time: choose a weight that you could lift about two times more than the {low} to {high} repetitions.",
  "weight.startBody": "First time: do {low} to {high} repetitions and stop when you could do about two more.",
  "weight.stay":
    "Stay at {weight}: your weakest set had {done|repetition|repetitions}, and {high} in every set bring the next step.",
  "weight.staySets":
    "Stay at {weight}: do all {sets|set|sets} with {high} repetitions to go up. Your weakest had {done}.",
  "weight.up": "Up from {from} to {to}: you did {high|repetition|repetitions} in all {sets|set|sets}.",
  "weight.upFar":
    "Up from {from} to {to}: there is no smaller step, and with {high|repetition|repetitions} you are ready for it.",
  "weight.gap":
    "Stay at {weight}: the next weight is {to}, more than 10 % harder. Reach {high} repetitions in every set first.",
  "weight.more": "Stay at {weight} and go on to {high} repetitions: there is no heavier one.",
  "weight.harder":
    "You do {high|repetition|repetitions} in every set with the heaviest there is: choose a harder exercise.",
  "weight.down": "Down from {from} to {to}: twice in a row a set had less than {low|repetition|repetitions}.",
  "amount.start": "First time: {amount}.",
  "amount.stay": "Stay at {amount} until every set reaches it.",
  "amount.up": "{amount} today: every set reached {done}.",
  "amount.enough": "{amount} is enough: make it harder, or keep it.",
  "today.easyWeight":
    "An easy week, so that you recover: {sets|set|sets} with {weight}. Next week goes on from where you were.",
  "today.easy": "An easy week, so that you recover: {sets|set|sets}.",
} as const;

/** The name of a sentence. */
export type MessageKey = keyof typeof en;
