import process from "node:process";
import { cancel } from "@clack/prompts";
import { explain, type AddError, type RemoveError } from "@nc/user-wizard";
import { printFailure, type Failure, type Io } from "@gatehouse/cli-kit";
import { fail, type Result } from "@gatehouse/std";

const exitCodes = { refused: 1, misused: 2, cancelled: 130 } as const;

/** The early end of a command: its exit code and failure. */
export type Ended = { readonly exitCode: number; readonly failure: Failure };

export const ended = (how: keyof typeof exitCodes, failure: Failure): Result<never, Ended> =>
  fail({ exitCode: exitCodes[how], failure });

/** The flag that mends an error of the wizard, which knows no flags. */
const fixes: Readonly<Partial<Record<Parameters<typeof explain>[0]["code"], string>>> = {
  "users-file-missing": "name the file with --users-file",
  "unknown-service": "name the host's account with --service-user",
};

/** An error of the wizard as a failure, with the flag that mends it. */
export const failureOf = (error: Parameters<typeof explain>[0]): Failure => {
  const fix = fixes[error.code];
  return { code: error.code, message: explain(error), ...(fix === undefined ? {} : { fix }) };
};

/** Ends a command by an error of the wizard. The code is that of the refusal if there is only one. */
export const refusedBy = (error: AddError | RemoveError): Result<never, Ended> => {
  const code = error.code === "refused" && error.refusals.length === 1 ? error.refusals[0]!.code : error.code;
  return ended("refused", { ...failureOf(error), code });
};

/** Prints why a command ended early. Returns its exit code. */
export const reportEnd = (result: Result<null, Ended>, isJson: boolean, io: Io): number => {
  if (result.ok) return 0;
  const { exitCode, failure } = result.error;
  if (exitCode === exitCodes.cancelled && !isJson) cancel(failure.message, { output: process.stderr });
  else printFailure(io, isJson, failure);
  return exitCode;
};
