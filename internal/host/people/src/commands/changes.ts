import { describeStep, explain, shellCommand } from "@nc/user-wizard";
import type { Added, Prepared } from "@nc/user-wizard/node";
import { visible } from "@gatehouse/std";
import { renderReport } from "../reload-report.ts";
import type { Reloaded } from "../reload-host.ts";

/** The changes and the warnings, for the review. */
export const changesText = ({ plan, warnings }: Prepared): string =>
  [...shownLines(plan.diff), ...warningLines(warnings)].join("\n");

/**
 * Escapes terminal control characters: users.yaml may be written by other people, and the operator decides by what
 * the screen shows.
 */
const shownLines = (diff: string): readonly string[] =>
  diff
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(visible).join("\t"));

/** The same, with each step and its undo, for a dry run. */
export const planText = ({ plan, warnings }: Prepared): string => {
  const texts = plan.steps.map(describeStep);
  const steps = texts.map(({ changes, undo }, index) => `${index + 1}. ${changes}\n   undone: ${undo}`);
  const others = new Set(texts.map(({ changes }) => changes));
  const diff = shownLines(plan.diff).filter((line) => !others.has(line));
  return [...steps, "", ...diff, ...warningLines(warnings)].join("\n");
};

export const warningLines = (warnings: Prepared["warnings"]): readonly string[] =>
  warnings.map((warning) => `warning: ${explain(warning)}`);

/** How an earlier, interrupted run was finished or undone. */
export const recoveredText = ({ recovered }: Pick<Added, "recovered">): string | null => {
  if (recovered === null) return null;
  const left =
    recovered.left.length === 0 ? "" : `; ${recovered.left.join(", ")} stayed, since other files are in it`;
  return `An earlier run had been interrupted. It was ${recovered.outcome} first${left}.`;
};

/** The host's report, or the command that makes it read users.yaml. */
export const reloadText = (reloaded: Reloaded): string => {
  if (reloaded.state === "reloaded")
    return `The host (pid ${reloaded.pid}) accepted it:\n${renderReport(reloaded.report)}`;
  const why = reloaded.state === "no-host" ? "No host runs in the data folder." : "The host was not told.";
  return `${why} To have it read users.yaml:\n  sudo ${shellCommand(reloaded.command)}`;
};

/** The part of the JSON document of `users add` that a dry run has too; with one more warning. */
export const addDocument = (
  { plan, warnings }: Prepared,
  more: { readonly code: string; readonly message: string } | null = null,
): Readonly<Record<string, unknown>> => ({
  user: plan.user,
  steps: plan.steps,
  diff: plan.diff,
  warnings: [
    ...warnings.map((warning) => ({ ...warning, message: explain(warning) })),
    ...(more === null ? [] : [more]),
  ],
});
