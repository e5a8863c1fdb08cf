import { explain, shellCommand, type UserCheck } from "@nc/user-wizard";
import { checkUsers, findAccount, thisMachine, type UsersReport } from "@nc/user-wizard/node";
import { paintFor, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { accountProblem } from "../account-problem.ts";
import { failureOf } from "./ended.ts";
import type { PlaceFlags } from "./flags.ts";
import { missingData, placesOf } from "./places.ts";
import { runtimeOf, withoutUnused } from "./startable.ts";

/** `gatehouse users doctor`, as typed. */
export type UsersDoctorFlags = PlaceFlags & { readonly json?: boolean };

/**
 * Checks every user in users.yaml as `users add` does, and prints the fix for each problem. Returns the exit code:
 * 1 if there is a problem.
 */
export const usersDoctor = async (flags: UsersDoctorFlags, io: Io): Promise<number> => {
  const isJson = flags.json === true;
  const fail = (exitCode: number, failure: Failure): number => {
    printFailure(io, isJson, failure);
    return exitCode;
  };
  if (missingData(flags, io).length > 0)
    return fail(2, { code: "usage", message: "Missing: --data.", fix: "gatehouse users doctor --help" });
  const { uid } = thisMachine;
  if (uid !== 0) return fail(1, { code: "root-needed", message: notRoot(uid) });
  const host = await placesOf(flags, io);
  if (!host.ok) return fail(1, host.error);
  const checked = await checkUsers(thisMachine, host.value.places);
  if (!checked.ok) return fail(1, failureOf(checked.error));
  const { data, places } = host.value;
  const runtime = await runtimeOf(data);
  const service = await findAccount(thisMachine, places.service);
  // The check of a home is there for each account other than the host's own.
  const hasAccounts = checked.value.checks.some(({ check }) => check === "home");
  const report: Report = {
    ...checked.value,
    checks: withoutUnused(checked.value.checks, runtime),
    host:
      runtime !== null && hasAccounts && service.ok ? accountProblem(runtime, service.value?.uid ?? 0) : null,
  };
  const isFine =
    !report.interrupted && report.host === null && report.checks.every(({ problem }) => problem === null);
  if (isJson) printJson(io, { ok: isFine, ...checkDocument(report) });
  else io.stdout.write(renderChecks(report, io));
  return isFine ? 0 : 1;
};

const notRoot = (uid: number): string =>
  `The files are tested as other accounts, which needs root: run it with sudo (this is uid ${uid}).`;

/** `host`: why the host can run no agent as another account. */
type Report = UsersReport & { readonly host: string | null };

/** The checks of all users, as `--json` prints them. */
const checkDocument = ({ interrupted, checks, host }: Report): Readonly<Record<string, unknown>> => ({
  interrupted,
  ...(host === null ? {} : { host: { code: "accounts-need-root", message: host } }),
  checks: checks.map(({ problem, mend, ...check }) => ({
    ...check,
    ok: problem === null,
    ...(problem === null ? {} : { problem: { ...problem, message: explain(problem) } }),
    ...(mend === null ? {} : { mend: shellCommand(mend) }),
  })),
});

/** The checks of all users, for people. */
const renderChecks = ({ interrupted, checks, host }: Report, io: Io): string => {
  const { good, bad, faint } = paintFor(io);
  const lines = checks.map((check) => (check.problem === null ? null : failedLines(check, bad, faint)));
  const users = new Set(checks.map(personOf));
  const broken = new Set(checks.filter(({ problem }) => problem !== null).map(personOf));
  const fine = [...users].filter((one) => !broken.has(one)).map((one) => `${good("ok    ")} ${one}`);
  // No single fix is printed then: a folder that is made now would block the undo of the interrupted run.
  if (interrupted)
    return `${bad("failed")} an interrupted run of users add or users remove is left\n       ${faint("mend: run gatehouse users add or users remove again, which first finishes or undoes it; then run this again")}\n`;
  const none = users.size === 0 ? ["users.yaml names no one."] : [];
  const ofHost = host === null ? [] : [`${bad("failed")} the host: ${host}`];
  return `${[...none, ...fine, ...lines.filter((line) => line !== null), ...ofHost].join("\n")}\n`;
};

type Painted = (text: string) => string;

const personOf = ({ userIds, name }: UserCheck): string => `${userIds.join(", ")} ${name}`;

const failedLines = (one: UserCheck, bad: Painted, faint: Painted): string => {
  const { check, problem, mend } = one;
  const what = problem === null ? "" : explain(problem);
  const how = mend === null ? "" : `\n       ${faint(`mend: sudo ${shellCommand(mend)}`)}`;
  return `${bad("failed")} ${personOf(one)}: ${check}: ${what}${how}`;
};
