/* global document, fetch */

/** Asks the service. @throws Error when its answer is no success */
async function ask(path, method = "GET") {
  const response = await fetch(path, { method });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

const element = (id) => document.getElementById(id);

/** Does something with an answer, or says that there is none. */
async function show(work) {
  try {
    await work();
  } catch {
    element("hello").textContent = "The service does not answer. Try again in a moment.";
  }
}

async function hello() {
  const { hostname } = await ask("/api/hello");
  element("hello").textContent = `${hostname} answers.`;
}
// if database

async function count(method) {
  const answer = await ask("/api/count", method);
  element("count").textContent = answer.count;
}

element("click").addEventListener("click", () => show(() => count("POST")));
await show(() => count("GET"));
// end
await show(hello);
