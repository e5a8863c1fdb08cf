import { explain, shellCommand, type UserCheck } from "@nc/user-wizard";
import type { UsersReport } from "@nc/user-wizard/node";
import { paintFor, type Io } from "@gatehouse/cli-kit";

/** The checks of all users, as `--json` prints them. */
export const checkDocument = ({ interrupted, checks }: UsersReport): Readonly<Record<string, unknown>> => ({
  interrupted,
  checks: checks.map(({ problem, mend, ...check }) => ({
    ...check,
    ok: problem === null,
    ...(problem === null ? {} : { problem: { ...problem, message: explain(problem) } }),
    ...(mend === null ? {} : { mend: shellCommand(mend) }),
  })),
});

/** The checks of all users, for people. */
export const renderChecks = ({ interrupted, checks }: UsersReport, io: Io): string => {
  const { good, bad, faint } = paintFor(io);
  const lines = checks.map((check) => (check.problem === null ? null : failedLines(check, bad, faint)));
  const users = new Map(checks.map(({ telegramId, name }) => [telegramId, name]));
  const broken = new Set(
    checks.filter(({ problem }) => problem !== null).map(({ telegramId }) => telegramId),
  );
  const fine = [...users]
    .filter(([id]) => !broken.has(id))
    .map(([id, name]) => `${good("ok    ")} telegram:${id} ${name}`);
  // No single fix is printed then: a folder that is made now would block the undo of the interrupted run.
  if (interrupted)
    return `${bad("failed")} an interrupted run of users add or users remove is left\n       ${faint("mend: run gatehouse users add or users remove again, which first finishes or undoes it; then run this again")}\n`;
  const none = users.size === 0 ? ["users.yaml names no one."] : [];
  return `${[...none, ...fine, ...lines.filter((line) => line !== null)].join("\n")}\n`;
};

type Painted = (text: string) => string;

const failedLines = (
  { telegramId, name, check, problem, mend }: UserCheck,
  bad: Painted,
  faint: Painted,
): string => {
  const what = problem === null ? "" : explain(problem);
  const how = mend === null ? "" : `\n       ${faint(`mend: sudo ${shellCommand(mend)}`)}`;
  return `${bad("failed")} telegram:${telegramId} ${name}: ${check}: ${what}${how}`;
};
