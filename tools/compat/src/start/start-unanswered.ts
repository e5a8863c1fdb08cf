import { driveDialogs, type RulePack } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";

/** Where a start ended, and its screen for whoever wants to know more. */
export type UnansweredStart = { readonly asks: string; readonly screen: string };

/**
 * A start that comes to neither the composer nor a dialog by then (ms) is called "timeout": what preflight gives these CLIs,
 * since Qwen 0.24.4 was not through with its start after 20 s on a busy machine.
 */
const patience = 60_000;

export type StartOptions = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/**
 * Starts the CLI and says where it comes to a stop when nothing is consented to: "ready", once its composer has stood for
 * so long that no dialog follows, or what the first dialog is about. No key is pressed; it is ended then.
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
    ...{ terminal, clock: systemClock, pack, consents: {}, until: "ready", limits, signal },
    folder: { path: start.cwd, home: start.env["HOME"] ?? "" },
  });
  await new Promise<void>((resolve) => {
    terminal.onExit(() => resolve());
    terminal.kill();
  });
  if (result.keys > 0) throw new Error(`${result.keys} keys were pressed without a consent`);
  return { asks: asked(result), screen: result.screen.filter((row) => row.trim() !== "").join("\n") };
};

/** A dialog's kind, or its rule's name without the provider. One that came and left by itself counts too. */
const asked = (result: Awaited<ReturnType<typeof driveDialogs>>): string => {
  if (result.outcome === "blocked") return result.consent ?? result.dialog.replace(/^\w+\//, "");
  return result.dialogs[0] ?? result.outcome;
};
