import type { Failure } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";

export const exitCodes = { done: 0, refused: 1, misused: 2, cancelled: 130 } as const;

/** Why a run stops early. */
export type Ended = { readonly exitCode: number; readonly failure: Failure };

export const ended = (
  how: Exclude<keyof typeof exitCodes, "done">,
  failure: Failure,
): Result<never, Ended> => ({
  ok: false,
  error: { exitCode: exitCodes[how], failure },
});
