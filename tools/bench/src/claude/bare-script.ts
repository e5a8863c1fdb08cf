import type { Result } from "@gatehouse/std";
import { until } from "../wait.ts";
import type { ClaudeCli } from "./find-cli.ts";
import { startClaude, type StartedClaude } from "./start-claude.ts";
import type { ClaudeHome } from "./claude-home.ts";

/**
 * Claude Code 2.1.328 refuses a dialog's keys for 150 ms after it has drawn it (the constant is in its
 * bundle), then draws it again; a key pressed earlier restarts the time. Measured with Down, a check that the
 * pointer moved, and Enter, on Linux: of 20 runs each after 142, 144, 146, 148, 150, 152 and 155 ms, 1, 4,
 * 19, 20, 20, 20 and 20 were trusted. The time counts from its last output. On an idle machine that is the
 * end of the paint; a busy machine takes longer to paint.
 */
export const deadWindowMs = 150;

/** How a script shares its HOME with others. */
export type Sharing = {
  /** True if a run is complete, in addition to its trust being on disk. */
  readonly isEnough?: (program: StartedClaude) => boolean;
  /** Runs the work, from the first key until the CLI's lock is gone, while no other script runs its own. */
  readonly inTurn?: <T>(work: () => Promise<T>) => Promise<T>;
};

const answer = async (program: StartedClaude, isDone: () => boolean): Promise<void> => {
  for (let keys = 0; keys < 8 && !isDone() && !program.hasExited(); keys += 1) {
    if (program.isOnYes()) {
      program.press("enter");
      await until(() => isDone() || program.hasExited() || !program.isOnYes(), 2_000);
      await until(() => isDone() || program.hasExited(), program.isStarted() ? 2_000 : 250);
    } else {
      program.press("down");
      await until(() => program.isOnYes() || program.hasExited(), 300);
    }
  }
};

/**
 * The floor: a script that knows the question, the answer and the dead window. It spawns the CLI, waits for
 * the paint, waits out the dead window, presses Down and Enter, waits for the state on disk and until the
 * CLI's lock is gone, and kills the CLI.
 */
export const runBareScript = async (
  cli: ClaudeCli,
  claudeHome: ClaudeHome,
  folder: string,
  { isEnough = () => false, inTurn = (work) => work() }: Sharing = {},
): Promise<Result<null, string>> => {
  const program = startClaude(cli, claudeHome, folder);
  const isDone = () => claudeHome.isTrusted(folder) || isEnough(program);
  if (!(await until(() => program.isAsked() || program.hasExited(), 30_000)))
    return { ok: false, error: "the dialog did not come" };
  await until(() => program.quietMs() >= deadWindowMs, 1_000);
  const isKept = await inTurn(async () => {
    await answer(program, isDone);
    return isDone() && (await until(() => !claudeHome.isLocked(), 20_000));
  });
  await program.end();
  return isKept ? { ok: true, value: null } : { ok: false, error: "trust did not come on disk" };
};
