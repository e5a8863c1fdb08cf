import { printFailure, printJson, paintFor, type Io } from "@gatehouse/cli-kit";
import { isModelPath } from "@gatehouse/gateway/options";
import { runAgentTrial } from "@gatehouse/places";
import { visible, visibleJson } from "@gatehouse/std";
import { programBeside } from "../programs-beside.ts";

/** A vendor whose API the stand-in speaks. */
export type TrialApi = "anthropic" | "openai" | "google";

/** The flags of `gatehouse agents try`, parsed. */
export type TryFlags = {
  readonly json?: boolean;
  readonly api: TrialApi;
  /** Default: the vendor's usual variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly runtime: "sandbox" | "process";
};

/** The variables by which most programs find a vendor's API. */
export const usualVariables: Readonly<Record<TrialApi, Readonly<Record<string, string>>>> = {
  anthropic: { ANTHROPIC_BASE_URL: "{url}", ANTHROPIC_API_KEY: "{key}", ANTHROPIC_MODEL: "{model}" },
  openai: { OPENAI_BASE_URL: "{url}/v1", OPENAI_API_KEY: "{key}", OPENAI_MODEL: "{model}" },
  google: { GOOGLE_GEMINI_BASE_URL: "{url}", GEMINI_API_KEY: "{key}", GEMINI_MODEL: "{model}" },
};

/** What the runner's trial prints, a document for each line. In a sandbox the agent can write there, too. */
type Line = {
  readonly step: string;
  readonly outcome: "yes" | "no" | "not-seen";
  readonly saw: string;
  readonly seconds: number;
};
type Row = { readonly name: string; readonly paths: readonly string[] };
type End = { readonly row: Row | null; readonly lacks: readonly string[] };

/**
 * Tries an agent against a stand-in of the model, and prints what it does, a line for each step. Returns 0 if it proposes a
 * row, and 1 if it does not.
 */
export const tryCommand = async (
  command: readonly [string, ...string[]],
  { json: isJson = false, api, env = usualVariables[api], runtime }: TryFlags,
  io: Io,
): Promise<number> => {
  const lines: Line[] = [];
  let end: End | null = null;
  const onDocument = (document: unknown): void => {
    const printed = (document ?? {}) as { readonly line?: Line; readonly end?: End };
    if (printed.line !== undefined && Object.hasOwn(words, printed.line.outcome)) {
      lines.push(printed.line);
      if (!isJson) io.stdout.write(rendered(printed.line, io));
    }
    if (printed.end !== undefined) end = printed.end;
  };
  const { cwd, signal } = io;
  const runner = programBeside("agent-runner");
  const tried = await runAgentTrial(
    { command, env, api },
    { runtime, runner, env: io.env, cwd, signal, onDocument },
  );
  if (signal.aborted) {
    printFailure(io, isJson, cancelled);
    return 130;
  }
  if (!tried.ok) {
    printFailure(io, isJson, tried.error);
    return 1;
  }
  const { row, lacks } = (end ?? { row: null, lacks: ["end"] }) as End;
  if (isJson) printJson(io, { ok: row !== null, lines, row, lacks });
  else io.stdout.write(conclusion(row, lacks));
  return row === null ? 1 : 0;
};

const cancelled = { code: "cancelled", message: "The trial was ended. Its agent and its folder are gone." };

const words = { yes: "yes", no: "no", "not-seen": "not seen" } as const;

const rendered = ({ step, outcome, saw }: Line, io: Io): string => {
  const { good, bad, faint } = paintFor(io);
  const paint = { yes: good, no: bad, "not-seen": faint }[outcome];
  return `${visible(step).padEnd(14)} ${paint(words[outcome].padEnd(8))}  ${visible(saw)}\n`;
};

const conclusion = (row: End["row"], lacks: readonly string[]): string => {
  if (row === null)
    return `\nIt proposes no row: an agent cannot answer in a group without ${visible(lacks.join(", "))}.\n`;
  const unrouted = row.paths.filter((path) => !isModelPath(path));
  return [
    `\nThe row that it proposes (docs/host/acp-agents.md explains it):\n${visibleJson(row, 2)}\n`,
    ...(unrouted.length === 0
      ? ["\nTo let groups have it: save the row in a file, then gatehouse providers add FILE\n"]
      : [`\nA host cannot use it yet: its gateway has no route for ${visible(unrouted.join(", "))}.\n`]),
  ].join("");
};
