import { createScreen, type Terminal } from "@trust/dialog-engine";
import { openPty } from "@trust/dialog-engine/node";
import type { Shown } from "../scenarios/scenario.ts";
import { endTerminal } from "./end-terminal.ts";

/** The kind of the screen that the CLI showed, and its text for further checks. */
export type PlainStart = { readonly shown: Shown; readonly screen: string };

/** A screen counts after it was shown for this long (ms). */
const standsFor = 700;
/**
 * A start without a known screen after this time (ms) is called "nothing". Offline with a key on record Claude
 * Code 2.1.328 stays blank for 18.5 s on a quiet machine; on a busy one 20 s were too short.
 */
const patience = 60_000;

/**
 * Words of each dialog in every version, without white space. They are separate from the engine's rules,
 * which could not test themselves.
 */
const words: readonly (readonly [Shown, RegExp])[] = [
  ["trust", /Quicksafetycheck|Doyoutrustthefiles|Accessingworkspace/],
  ["api-key", /DoyouwanttousethisAPIkey/],
  ["mcp", /NewMCPserverfound/],
  ["imports", /externalCLAUDE\.mdfileimports/],
];

/** The composer: a prompt directly below a ruled line, `────` or `╭────`. */
const hasComposer = (rows: readonly string[]): boolean =>
  rows.some((row, at) => /^[│\s]*[❯>](\s|$)/.test(row) && /^\s*[─╭]─{20}/.test(rows[at - 1] ?? ""));

/** The screen as a person would name it. A dialog that is still shown counts before the composer. */
export const whatIsShown = (rows: readonly string[]): Shown => {
  const text = rows.join("").replace(/\s/g, "");
  const dialog = words.find(([, pattern]) => pattern.test(text))?.[0];
  return dialog ?? (hasComposer(rows) ? "composer" : "nothing");
};

const watch = (terminal: Terminal, signal: AbortSignal): Promise<PlainStart> =>
  new Promise((resolve) => {
    const screen = createScreen();
    let [shown, since]: [Shown, number] = ["nothing", Date.now()];
    const startedAt = Date.now();
    const end = (): void => {
      clearInterval(timer);
      const { rows } = screen.view();
      resolve({ shown, screen: rows.filter((row) => row !== "").join("\n") });
      screen.dispose();
    };
    const look = (): void => {
      const now = whatIsShown(screen.view().rows);
      if (now !== shown) [shown, since] = [now, Date.now()];
      const stands = shown !== "nothing" && Date.now() - since >= standsFor;
      if (stands || signal.aborted || Date.now() - startedAt >= patience) end();
    };
    const timer = setInterval(look, 50);
    screen.onReply((data) => terminal.write(data));
    terminal.onData((data) => screen.write(data));
    terminal.onExit(end);
  });

/**
 * Starts the CLI as a person would, in this folder, and returns its first known screen. Presses no key, and
 * ends the CLI.
 */
export const startPlainly = async (
  file: string,
  {
    cwd,
    env,
    signal,
  }: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<PlainStart> => {
  const opened = await openPty({ file, args: [], cwd, env });
  if (!opened.ok) throw new Error(opened.error.message);
  const terminal = opened.value;
  const seen = await watch(terminal, signal);
  await endTerminal(terminal);
  return seen;
};
