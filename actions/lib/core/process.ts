import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { SlipwayError } from "./errors.ts";

/** How a child process is started. */
export interface ProcessOptions {
  cwd?: string;
  /** The child's whole environment; the parent's when left out. */
  env?: NodeJS.ProcessEnv;
  /** Written to the child's standard input, which is then closed. Secrets go this way, never by argv. */
  input?: string | Uint8Array;
  /** Exit codes that are results and not failures; `[0]` when left out. */
  okCodes?: readonly number[];
  /** Called with each whole line as it arrives. */
  onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Keep standard output out of `stdout`, for children that print more than memory should hold. */
  discardOutput?: boolean;
  /** Ends the child with `stopSignal` when aborted; the child may still take its time to end. */
  signal?: AbortSignal;
  /** What an abort sends first; `SIGTERM` when left out. */
  stopSignal?: NodeJS.Signals;
  /** Milliseconds from the first stop signal to a SIGKILL; never when left out. */
  killAfter?: number;
  /** Milliseconds after which the child is stopped and the call fails. */
  timeout?: number;
  /** Start the child in a process group of its own, so that a terminal's Ctrl-C reaches only us. */
  ownGroup?: boolean;
}

/** What a finished child left behind. */
export interface ProcessResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** A child that ended with a code that was not expected, could not be started, or was stopped. */
export class ProcessError extends SlipwayError {
  readonly command: string;
  readonly code: number | null;
  readonly stderr: string;

  constructor(command: string, code: number | null, how: string, stderr: string, cause?: unknown) {
    const tail = stderr.trimEnd().split("\n").slice(-12).join("\n");
    super(`${command} ${how}${tail ? `:\n${tail}` : " and printed no error."}`, { cause });
    this.command = command;
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Runs a program without a shell and waits for it.
 *
 * @param command a program's name or path
 * @param args its arguments, each passed as it is
 * @returns the exit code (one of `okCodes`) and everything the child printed, decoded as UTF-8
 * @throws ProcessError when the program cannot be started, ends with another code, by a signal or by the time-out
 */
export function run(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const okCodes = options.okCodes ?? [0];
  const label = [command, ...args.slice(0, 2)].join(" ");
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: options.ownGroup ?? false,
    });
    let killTimer: NodeJS.Timeout | undefined;
    let timedOut = false;
    const stop = () => {
      child.kill(options.stopSignal ?? "SIGTERM");
      if (options.killAfter !== undefined && !killTimer)
        killTimer = setTimeout(() => child.kill("SIGKILL"), options.killAfter);
    };
    const deadline =
      options.timeout === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            stop();
          }, options.timeout);
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener("abort", stop, { once: true });

    const stdout = collect(child.stdout, (line) => options.onLine?.(line, "stdout"), options.discardOutput);
    const stderr = collect(child.stderr, (line) => options.onLine?.(line, "stderr"));
    if (options.input !== undefined && child.stdin) {
      // A child may end without reading its input; its exit code says what that means.
      child.stdin.on("error", () => {});
      child.stdin.end(options.input);
    }
    const settle = () => {
      clearTimeout(killTimer);
      clearTimeout(deadline);
      options.signal?.removeEventListener("abort", stop);
    };
    child.on("error", (error) => {
      settle();
      reject(new ProcessError(label, null, `could not be started (${error.message})`, "", error));
    });
    child.on("close", (code, signal) => {
      settle();
      const result = { stdout: stdout(), stderr: stderr() };
      if (timedOut) reject(new ProcessError(label, code, `was stopped after ${options.timeout} ms`, result.stderr));
      else if (code === null) reject(new ProcessError(label, null, `was ended by ${signal}`, result.stderr));
      else if (!okCodes.includes(code))
        reject(new ProcessError(label, code, `failed with exit code ${code}`, result.stderr || result.stdout));
      else resolve({ code, ...result });
    });
  });
}

/** Gathers a stream as text, calling `onLine` for each whole line; the returned function gives the text so far. */
function collect(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void, discard = false): () => string {
  // A multi-byte character may be cut by a chunk's end; the decoder holds the first half back.
  const decoder = new StringDecoder("utf8");
  const parts: string[] = [];
  let open = "";
  const take = (text: string) => {
    if (!discard) parts.push(text);
    const lines = (open + text).split("\n");
    open = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
  stream?.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
  stream?.on("end", () => {
    take(decoder.end());
    if (open) onLine(open);
    open = "";
  });
  return () => parts.join("");
}
