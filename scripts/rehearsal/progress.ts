import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { formatDuration } from "../../actions/lib/core/summary.ts";
import { cutText, padText } from "../terminal/text-table.ts";
import { startMemoryWatch } from "./world/memory.ts";

/** One finished step of a rehearsal. */
export interface FinishedStage {
  name: string;
  ok: boolean;
  milliseconds: number;
  /** The most resident memory that the rehearsal's processes held at once while the stage ran. */
  peakMemoryBytes: number;
  /** The stage's log; it may not exist when nothing was printed. */
  log: string;
}

/** What a running stage may say. */
export interface RunningStage {
  /** The file for what its tools print. */
  readonly log: string;
  /** What it is at, shown next to its name while it runs, and in its line when it ends. */
  readonly note: (text: string) => void;
}

/** Tells a person how a rehearsal goes, one line per stage. */
export interface Progress {
  /** Runs a stage and prints its line when it ends. */
  stage<T>(name: string, work: (stage: RunningStage) => Promise<T>): Promise<T>;
  /** Prints a line as it is. */
  line(text?: string): void;
  readonly stages: readonly FinishedStage[];
  /** Stops redrawing. */
  end(): void;
}

/** Where progress is printed: a terminal gets running stages redrawn, anything else finished lines, and one a minute. */
export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Columns of a stage's name; a longer one is cut, so that the durations stay below each other. */
const nameWidth = 24;
/** Where nothing is redrawn, a running stage says this often how far it is, in milliseconds. */
const aliveEvery = 60_000;

/**
 * @param logs the folder for the stages' logs
 * @param output where lines go; standard error when left out
 */
export function createProgress(logs: string, output: ProgressOutput = process.stderr): Progress {
  const stages: FinishedStage[] = [];
  const running = new Map<string, { began: number; note: string }>();
  const terminal = output.isTTY === true;
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    terminal ? styleText(format, text, { validateStream: false }) : text;
  let drawn = 0;
  let frame = 0;

  const erase = () => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = () => {
    if (!terminal) return;
    const width = (output.columns ?? 80) - 1;
    const lines = [...running].map(([name, { began, note }]) => {
      const text = `  ${frames[frame % frames.length]} ${columns(name, Date.now() - began, note)}`;
      return `${cutText(text, width)}\n`;
    });
    output.write(lines.join(""));
    drawn = lines.length;
  };
  const line = (text = "") => {
    erase();
    output.write(`${text}\n`);
    draw();
  };
  const timer = terminal
    ? setInterval(() => {
        frame += 1;
        erase();
        draw();
      }, 120)
    : undefined;
  timer?.unref();

  return {
    stages,
    line,
    end: () => {
      clearInterval(timer);
      erase();
    },
    async stage(name, work) {
      const own = { began: Date.now(), note: "" };
      running.set(name, own);
      const memory = startMemoryWatch();
      const alive = terminal
        ? undefined
        : setInterval(() => line(`  … ${columns(name, Date.now() - own.began, own.note)}`), aliveEvery);
      alive?.unref();
      const log = join(logs, `${name.replaceAll(/[^\w]+/g, "-")}.log`);
      const finish = (ok: boolean) => {
        clearInterval(alive);
        running.delete(name);
        const milliseconds = Date.now() - own.began;
        stages.push({ name, ok, milliseconds, peakMemoryBytes: memory.stop(), log });
        const sign = ok ? paint("green", "✓") : paint("red", "✗");
        line(`  ${sign} ${columns(name, milliseconds, own.note)}`);
      };
      try {
        const result = await work({ log, note: (text) => (own.note = text) });
        finish(true);
        return result;
      } catch (error) {
        await appendFile(log, `${String(error)}\n`);
        own.note = `log: ${log}`;
        finish(false);
        throw error;
      }
    },
  };
}

function columns(name: string, milliseconds: number, note: string): string {
  const duration = formatDuration(milliseconds).padStart(12);
  return `${padText(cutText(name, nameWidth), nameWidth)} ${duration}   ${note}`.trimEnd();
}
