import type { Added } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";
import type { AddFlags } from "./add-flags.ts";
import { ended, type Ended } from "./ended.ts";
import {
  addDocument,
  recoveredText,
  reloadText,
  warningLines,
  type Reloaded,
} from "@gatehouse/user-directory";

/** Prints the outcome. It is a failure if a host had to be told and was not. */
export const finish = (
  added: Added,
  reloaded: Result<Reloaded, Failure>,
  flags: AddFlags,
  io: Io,
): Result<null, Ended> => {
  const { plan, status, recovered, warnings } = added;
  const { name, telegram_id: id } = plan.user;
  const happened =
    status === "added"
      ? `Added ${name} (telegram:${id}).`
      : `${name} (telegram:${id}) is there already: nothing was done.`;
  if (!reloaded.ok)
    return ended("refused", { ...reloaded.error, message: `${happened} ${reloaded.error.message}` });
  if (flags.json) {
    printJson(io, { ok: true, status, ...addDocument(added), recovered, reload: reloaded.value });
    return { ok: true, value: null };
  }
  const lines = [
    ...(recovered === null ? [] : [recoveredText({ recovered })]),
    happened,
    ...warningLines(warnings),
    reloadText(reloaded.value),
  ];
  io.stdout.write(`${lines.join("\n")}\n`);
  return { ok: true, value: null };
};
