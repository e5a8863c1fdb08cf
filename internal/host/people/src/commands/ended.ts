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

/** Ends a command by an error of the wizard. The code is that of the refusal if there is only one. */
export const refusedBy = (error: AddError | RemoveError): Result<never, Ended> => {
  const code = error.code === "refused" && error.refusals.length === 1 ? error.refusals[0]!.code : error.code;
  return ended("refused", { code, message: explain(error) });
};

/** Prints why a command ended early. Returns its exit code. */
export const reportEnd = (result: Result<null, Ended>, isJson: boolean, io: Io): number => {
  if (result.ok) return 0;
  const { exitCode, failure } = result.error;
  if (exitCode === exitCodes.cancelled && !isJson) cancel(failure.message, { output: process.stderr });
  else printFailure(io, isJson, failure);
  return exitCode;
};
