import type { Result } from "../../index.ts";

/** The keys that a CLI's state trusts, read before and after each answer of a batch. Answers come one at a time. */
export type KeyWatch = {
  /** Call it right before the confirming key. An error says why the state cannot be read. */
  before(): Promise<Result<null, string>>;
  /** The trusted keys now, and those that are new since the last read and planned for no folder. */
  after(): Promise<Result<Looked, string>>;
};

export type Looked = { readonly now: ReadonlySet<string>; readonly fresh: readonly string[] };

export const createKeyWatch = (
  trustedKeys: () => Promise<Result<readonly string[], string>>,
  planned: () => ReadonlySet<string | null>,
): KeyWatch => {
  const seen = new Set<string>();
  const look = async (): Promise<Result<Looked, string>> => {
    const read = await trustedKeys();
    if (!read.ok) return read;
    const isPlanned = planned();
    const fresh = read.value.filter((key) => !seen.has(key) && !isPlanned.has(key));
    for (const key of read.value) seen.add(key);
    return { ok: true, value: { now: new Set(read.value), fresh } };
  };
  return {
    before: async () => {
      const looked = await look();
      return looked.ok ? { ok: true, value: null } : looked;
    },
    after: look,
  };
};
