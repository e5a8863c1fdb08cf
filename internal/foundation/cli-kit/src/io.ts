import type { Readable } from "node:stream";
import { createColors } from "picocolors";
import { visibleJson, visibleLines, type Environment } from "@gatehouse/std";

/** Colours of a text. Each function may return the text unchanged. */
export type Paint = {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
};

export const plainPaint: Paint = { good: (text) => text, bad: (text) => text, faint: (text) => text };

/** The parts of its process that a command may use. */
export type Io = {
  readonly env: Environment;
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** What a command reads in place of its process's stdin. */
  readonly stdin?: Readable;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
};

export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** The terminal's width in cells. */
  readonly columns?: number;
  readonly rows?: number;
};

/** True if these arguments ask for JSON. Words after `--` are names or another program's arguments. */
export const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf("--");
  return (end < 0 ? argv : argv.slice(0, end)).includes("--json");
};

/** Prints the one JSON document of a command. */
export const printJson = ({ stdout }: Io, document: unknown): void => {
  stdout.write(`${visibleJson(document)}\n`);
};

export type Failure = { readonly code: string; readonly message: string; readonly fix?: string };

/** Prints why a command failed: a document on stdout with `--json`, else a line on stderr. */
export const printFailure = (io: Io, isJson: boolean, failure: Failure): void => {
  if (isJson) return printJson(io, { ok: false, error: failure });
  const { message, fix } = failure;
  const hint = fix === undefined ? "" : `fix: ${visibleLines(fix)}\n`;
  io.stderr.write(`error: ${visibleLines(message)}\n${hint}`);
};

/** Colours on a terminal, unless NO_COLOR is set. */
export const paintFor = ({ env, stdout }: Io): Paint => {
  const { green, red, dim } = createColors(stdout.isTTY === true && !env["NO_COLOR"]);
  return { good: green, bad: red, faint: dim };
};

/** Runs a command, unless the host belongs to another account: then it prints the error and returns 1. */
export type OnOwnHost = (
  flags: { readonly data?: string; readonly json?: boolean },
  io: Io,
  act: () => Promise<number>,
) => Promise<number>;
