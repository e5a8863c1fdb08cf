import { explain, shellCommand } from "@nc/user-wizard";
import type { Added, Prepared } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";
import type { AddFlags } from "./add-flags.ts";
import { ended, type Ended } from "./ended.ts";
import { renderReport, type Reloaded } from "@gatehouse/user-directory";
import { recoveredText, warningLines } from "./review.ts";

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
    printJson(io, { ok: true, status, ...documentOf(added), recovered, reload: reloaded.value });
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

export const reloadText = (reloaded: Reloaded): string => {
  if (reloaded.state === "reloaded")
    return `The host (pid ${reloaded.pid}) took it:\n${renderReport(reloaded.report)}`;
  const why = reloaded.state === "no-host" ? "No host runs in the data folder." : "The host was not told.";
  return `${why} To have it read users.yaml:\n  sudo ${shellCommand(reloaded.command)}`;
};

/** The part of the document that a dry run has too. */
export const documentOf = ({ plan, warnings }: Prepared): Readonly<Record<string, unknown>> => ({
  user: plan.user,
  steps: plan.steps,
  diff: plan.diff,
  warnings: warnings.map((warning) => ({ ...warning, message: explain(warning) })),
});
