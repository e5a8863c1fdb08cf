import type { Result, Verdict } from "../../index.ts";
import { explainUnsafe } from "@gatehouse/fs-kit";
import type { Turn, Turns } from "./turns.ts";

/** Takes a folder's turn to commit and reports what it waits for. The error is the folder's verdict. */
export const takeTurn = async (
  { turns, file }: { readonly turns: Turns; readonly file: string },
  signal: AbortSignal,
  onWait: (text: string) => void,
): Promise<Result<Turn, Verdict>> => {
  onWait("waits for its turn");
  const taken = await turns.take({
    signal,
    onWait: (holder) => onWait(`waits for another preflight${holder === null ? "" : ` (${holder})`}`),
  });
  if (taken.ok) return taken;
  const { error } = taken;
  if (error.code === "lock-unsafe") {
    const reason = { type: "lock-unsafe", detail: explainUnsafe(error.place) } as const;
    return { ok: false, error: { code: "trust-not-persisted", reason, file } };
  }
  return { ok: false, error: error.code === "cancelled" ? error : { ...error, file } };
};
