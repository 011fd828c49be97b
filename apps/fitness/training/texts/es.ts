import type { MessageKey } from "./en.ts";

/** The same sentences in Spanish. */
export const es: Readonly<Record<MessageKey, string>> = {
  "why.pattern": "{exercise} cubre el movimiento «{pattern}»: trabaja {muscles}.",
  "why.muscle":
    "{exercise} sustituye a «{pattern}», para el que ningún ejercicio se ajusta a ti: también trabaja {muscles}.",
  "why.volume": "{exercise} está aquí para llegar al menos a {low|serie|series} por semana de {muscles}.",
  "why.conditioning": "{exercise} durante {minutes|minuto|minutos} contribuye a tu objetivo: {goal}.",
  "why.injury": "Va en lugar de {other}, que no conviene con molestias en: {injuries}.",
  "why.equipment": "Con {equipment} podría ser {other}.",
  "plan.days": "Fuerza {days|día|días} por semana: lo adecuado para el nivel «{level}».",
  "plan.repetitions": "De {low} a {high} repeticiones: lo adecuado para el nivel «{level}» y tu objetivo: {goal}.",
  "plan.conditioning": "{days|día más es|días más son} para el corazón y los pulmones.",
  "plan.rest": "{days|día queda libre|días quedan libres}: los músculos crecen mientras descansan.",
  "plan.walk": "Camina a paso rápido {minutes|minuto|minutos} más por semana para llegar a {total}.",
  "warning.below":
    "{muscles}: {sets|serie|series} por semana, por debajo de lo recomendado ({low} a {high}). Ayudaría entrenar más días.",
  "warning.above": "{muscles}: {sets|serie|series} por semana, por encima de lo recomendado ({low} a {high}).",
  "warning.impossible":
    "{muscles}: {sets|serie|series} por semana; ningún ejercicio directo se ajusta a tu material, tu nivel y tus lesiones.",
  "warning.injuries":
    "El plan evita lo que suele ser malo para: {injuries}. No sustituye el consejo de un médico o fisioterapeuta.",
  "weight.start":
    "Primera vez: elige un peso con el que podrías hacer unas dos repeticiones más que las {low} a {high} previstas.",
  "weight.startBody": "Primera vez: haz de {low} a {high} repeticiones y para cuando pudieras hacer unas dos más.",
  "weight.stay":
    "Sigue con {weight}: tu serie más floja tuvo {done|repetición|repeticiones}; con {high} en todas subirás de peso.",
  "weight.staySets":
    "Sigue con {weight}: completa {sets|serie|series} de {high} repeticiones para subir. La más floja tuvo {done}.",
  "weight.up": "Sube de {from} a {to}: hiciste {high|repetición|repeticiones} en {sets|serie|series}.",
  "weight.upFar": "Sube de {from} a {to}: no hay un paso menor, y con {high|repetición|repeticiones} ya estás a punto.",
  "weight.gap":
    "Sigue con {weight}: el siguiente peso es {to}, más de un 10 % mayor. Llega antes a {high} repeticiones en cada serie.",
  "weight.more": "Sigue con {weight} y llega a {high} repeticiones: no hay un peso mayor.",
  "weight.harder":
    "Haces {high|repetición|repeticiones} en cada serie con el máximo disponible: elige un ejercicio más difícil.",
  "weight.down": "Baja de {from} a {to}: dos veces seguidas una serie tuvo menos de {low|repetición|repeticiones}.",
  "amount.start": "Primera vez: {amount}.",
  "amount.stay": "Sigue con {amount} hasta completarlo en cada serie.",
  "amount.up": "Hoy {amount}: en cada serie llegaste a {done}.",
  "amount.enough": "Con {amount} basta: hazlo más difícil o mantenlo.",
  "today.easyWeight":
    "Semana suave, para recuperarte: {sets|serie|series} con {weight}. La próxima sigues donde estabas.",
  "today.easy": "Semana suave, para recuperarte: {sets|serie|series}.",
};
