import { driveDialogs, type RulePack } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import { endTerminal } from "./end-terminal.ts";

/** Where a start ended, with its screen for further checks. */
export type UnansweredStart = { readonly asks: string; readonly screen: string };

/**
 * A start without a composer or a dialog after this time (ms) is called "timeout". It is the time that
 * preflight gives these CLIs: Qwen 0.24.4 had not finished its start after 20 s on a busy machine.
 */
const patience = 60_000;

export type StartOptions = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/**
 * Starts the CLI and returns where it stops without any consent: "ready", once its composer was shown so long
 * that no dialog follows, or the topic of the first dialog. Presses no key, and ends the CLI.
 */
export const startUnanswered = async (
  file: string,
  pack: RulePack,
  { signal, ...start }: StartOptions,
): Promise<UnansweredStart> => {
  const opened = await openPty({ file, ...start });
  if (!opened.ok) throw new Error(opened.error.message);
  const terminal = opened.value;
  const limits = { phaseMs: patience, totalMs: patience };
  const result = await driveDialogs({
    terminal,
    clock: systemClock,
    pack,
    consents: {},
    until: "ready",
    limits,
    signal,
    folder: { path: start.cwd, home: start.env["HOME"] ?? "" },
  });
  await endTerminal(terminal);
  if (result.keys > 0) throw new Error(`${result.keys} keys were pressed without a consent`);
  return { asks: asked(result), screen: result.screen.filter((row) => row.trim() !== "").join("\n") };
};

/**
 * A dialog's kind, or its rule's name without the provider. A dialog that disappeared by itself counts too.
 */
const asked = (result: Awaited<ReturnType<typeof driveDialogs>>): string => {
  if (result.outcome === "blocked") return result.consent ?? result.dialog.replace(/^\w+\//, "");
  return result.dialogs[0] ?? result.outcome;
};
