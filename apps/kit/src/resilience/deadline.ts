/** The header by which a caller says how many milliseconds it still waits for the answer. */
export const deadlineHeader = "X-Deadline-Ms";

/** Until when an answer is of use to whoever asked. */
export class Deadline {
  readonly #end: number;

  /** @param milliseconds from now */
  constructor(milliseconds: number) {
    this.#end = performance.now() + milliseconds;
  }

  /** Milliseconds that are left; 0 when it is over. */
  get remaining(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** What hands the rest of the time on to the next service: it gets less than was got here. */
  headers(): Record<string, string> {
    return { [deadlineHeader]: String(Math.floor(this.remaining)) };
  }
}
