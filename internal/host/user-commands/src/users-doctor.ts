import { explain } from "@nc/user-wizard";
import { checkUsers, thisMachine } from "@nc/user-wizard/node";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { checkDocument, renderChecks } from "@gatehouse/user-directory";
import type { PlaceFlags } from "./add-flags.ts";
import { needsData, placesOf } from "./places.ts";

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
  if (needsData(flags, io))
    return fail(2, { code: "usage", message: "Missing: --data.", fix: "gatehouse users doctor --help" });
  const { uid } = thisMachine;
  if (uid !== 0) return fail(1, { code: "root-needed", message: notRoot(uid) });
  const host = await placesOf(flags, io);
  if (!host.ok) return fail(1, host.error);
  const checked = await checkUsers(thisMachine, host.value.places);
  if (!checked.ok) return fail(1, { code: checked.error.code, message: explain(checked.error) });
  const isFine = !checked.value.interrupted && checked.value.checks.every(({ problem }) => problem === null);
  if (isJson) printJson(io, { ok: isFine, ...checkDocument(checked.value) });
  else io.stdout.write(renderChecks(checked.value, io));
  return isFine ? 0 : 1;
};

const notRoot = (uid: number): string =>
  `The files are tested as other accounts, which needs root: run it with sudo (this is uid ${uid}).`;
