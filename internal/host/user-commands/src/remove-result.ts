import type { Removed } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";
import {
  endedLines,
  recoveredText,
  reloadText,
  removalDocument,
  type HeldRole,
  type Reloaded,
} from "@gatehouse/user-directory";
import { ended, type Ended } from "./ended.ts";

export type Outcome = {
  readonly removed: Removed;
  readonly roles: readonly HeldRole[];
  readonly reloaded: Result<Reloaded, Failure>;
  /** The process groups of the person's agents that still run. */
  readonly running: readonly number[];
  readonly isJson: boolean;
};

/** Prints the outcome. Fails if the host's reload failed. */
export const finishRemoval = (
  { removed, roles, reloaded, running, isJson }: Outcome,
  io: Io,
): Result<null, Ended> => {
  // This run only finished an earlier, killed removal of the same person.
  const isFinishing = removed.status === "nothing-to-do";
  const { telegramId, name } = isFinishing
    ? removed.removes
    : { telegramId: removed.plan.user.telegram_id, name: removed.plan.user.name };
  const happened = isFinishing
    ? `${name} (telegram:${telegramId}) was removed by that run.`
    : `Removed ${name} (telegram:${telegramId}).`;
  if (!reloaded.ok)
    return ended("refused", { ...reloaded.error, message: `${happened} ${reloaded.error.message}` });
  const { status, recovered } = removed;
  if (isJson) {
    const document = isFinishing
      ? { user: { telegram_id: telegramId, name } }
      : removalDocument(removed, roles);
    printJson(io, { ok: true, status, ...document, recovered, reload: reloaded.value, running });
    return { ok: true, value: null };
  }
  const lines = [
    ...(recovered === null ? [] : [recoveredText({ recovered })]),
    happened,
    ...(isFinishing ? [] : endedLines(removed, roles)),
    reloaded.value.state === "no-host"
      ? "No host runs in the data folder. The next one takes away their rights from users.yaml when it starts."
      : reloadText(reloaded.value),
    ...running.map((pid) => `warning: one of their agents still runs. To end it: sudo kill -KILL -- -${pid}`),
  ];
  io.stdout.write(`${lines.join("\n")}\n`);
  return { ok: true, value: null };
};
