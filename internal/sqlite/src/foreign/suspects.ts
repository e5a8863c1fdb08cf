import { lstat } from "node:fs/promises";
import { fail, systemCode, type Result } from "@gatehouse/std";
import type { ForeignReadError } from "./foreign-reader.ts";

/** Files that were too slow or ended a child. */
export type Suspects = {
  /** What is known of a file: nothing, that it is suspect, or why it is not read now. */
  readonly verdictOn: (file: string) => Promise<"known-good" | "suspect" | Result<never, ForeignReadError>>;
  /** Takes in how a read ended. */
  readonly learn: (file: string, error: ForeignReadError | null) => Promise<void>;
};

type Suspect = {
  readonly stamp: string;
  readonly times: number;
  readonly until: number;
  readonly error: ForeignReadError;
};

/** The first pause of a file that does not change, ms. It doubles. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

export const suspectsOf = (now: () => number): Suspects => {
  const known = new Map<string, Suspect>();
  return {
    verdictOn: async (file) => {
      const suspect = known.get(file);
      if (suspect === undefined) return "known-good";
      if (now() >= suspect.until || (await stampOf(file)) !== suspect.stamp) return "suspect";
      const { code, detail } = suspect.error;
      return fail({ code, detail: `${detail}; it is not read again until it changes, or for a while` });
    },
    learn: async (file, error) => {
      if (error === null || (error.code !== "too-slow" && error.code !== "crashed")) {
        known.delete(file);
        return;
      }
      const times = (known.get(file)?.times ?? 0) + 1;
      const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (times - 1));
      known.set(file, { stamp: await stampOf(file), times, until: now() + pause, error });
    },
  };
};

/** Changes with the file. */
const stampOf = async (file: string): Promise<string> => {
  try {
    const { dev, ino, size, mtimeNs } = await lstat(file, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return systemCode(error);
  }
};
