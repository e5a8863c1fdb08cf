import type { Result } from "@gatehouse/std";
import { until } from "../wait.ts";
import type { ClaudeCli } from "./find-cli.ts";
import { startClaude, type Program } from "./program.ts";
import type { World } from "./world.ts";

/**
 * Claude Code 2.1.328 refuses a dialog's keys for 150 ms after it has drawn it (the constant stands in its bundle),
 * then draws it again; a key pressed earlier starts the time anew. Measured with Down, see it moved, Enter, on Linux:
 * of 20 runs each after 142, 144, 146, 148, 150, 152 and 155 ms there were 1, 4, 19, 20, 20, 20 and 20 trusted. Counted from
 * its last output, which on an idle machine is the paint's end: a busy machine draws it out.
 */
export const deadWindowMs = 150;

export type BareRun = {
  /** From the Enter that was taken to the CLI's own lock gone, in milliseconds. */
  readonly commitMs: number;
};

/** When a run has nothing more to wait for: its trust was seen on disk, or what the caller says. */
type Done = (program: Program) => boolean;

const answer = async (program: Program, isDone: () => boolean): Promise<number> => {
  let pressedAt = 0;
  for (let keys = 0; keys < 8 && !isDone() && !program.hasExited(); keys += 1) {
    if (program.isOnYes()) {
      pressedAt = performance.now();
      program.press("enter");
      await until(() => isDone() || program.hasExited() || !program.isOnYes(), 2_000);
      await until(() => isDone() || program.hasExited(), program.isStarted() ? 2_000 : 250);
    } else {
      program.press("down");
      await until(() => program.isOnYes() || program.hasExited(), 300);
    }
  }
  return pressedAt;
};

/**
 * The floor: a script that knows the question, the answer and the dead window. Spawn, wait for the paint, wait out the
 * dead window, Down, Enter, wait for the state on disk and for the CLI's lock to be gone, kill.
 */
export const runBareScript = async (
  cli: ClaudeCli,
  world: World,
  folder: string,
  isEnough: Done = () => false,
): Promise<Result<BareRun, string>> => {
  const program = startClaude(cli, world, folder);
  const isDone = () => world.isTrusted(folder) || isEnough(program);
  if (!(await until(() => program.isAsked() || program.hasExited(), 30_000)))
    return { ok: false, error: "the dialog did not come" };
  await until(() => program.quietMs() >= deadWindowMs, 1_000);
  const pressedAt = await answer(program, isDone);
  const isKept = isDone() && (await until(() => !world.isLocked(), 20_000));
  const commitMs = performance.now() - pressedAt;
  await program.end();
  return isKept ? { ok: true, value: { commitMs } } : { ok: false, error: "trust did not come on disk" };
};
