import type { Result, Code, Diagnostic, Verdict } from "../index.ts";
import { sortKeys, type StrayKeys } from "../trust-keys.ts";
import type { PendingGroup } from "./plan/strategy.ts";
import { thisPlatform } from "@trust/claude-state-probe/node";

/**
 * Reads the keys that a CLI's state trusts: right before each confirming key of a batch, after it, and at the end of the
 * batch. Answers come one at a time. An error says why the state cannot be read.
 */
export type ReadKeys = () => Promise<Result<KeysRead, string>>;

/** The trusted keys now, and those that are new since the last read and planned for no folder. */
type KeysRead = { readonly now: ReadonlySet<string>; readonly fresh: readonly string[] };

export const createReadKeys = (
  trustedKeys: () => Promise<Result<readonly string[], string>>,
  planned: () => ReadonlySet<string | null>,
): ReadKeys => {
  const seen = new Set<string>();
  return async () => {
    const read = await trustedKeys();
    if (!read.ok) return read;
    const isPlanned = planned();
    const fresh = read.value.filter((key) => !seen.has(key) && !isPlanned.has(key));
    for (const key of read.value) seen.add(key);
    return { ok: true, value: { now: new Set(read.value), fresh } };
  };
};

/** Folders whose confirming key was sent, and the other keys that became trusted during their turn. */
export type Answer = {
  readonly group: PendingGroup;
  readonly commit: {
    /** Records the outcome, if the consent was recorded. */
    close(code: Code, unplanned: readonly string[]): Promise<readonly Diagnostic[]>;
  };
  readonly stray: StrayKeys;
};

/**
 * Checks the keys again at the end of a batch: keys that became trusted after the last turn, and keys that were
 * unrelated to the folder of their turn but cover another folder. Corrects the ledger. Returns the changed verdicts, by
 * trust key.
 */
export const recheckKeys = async ({
  answers,
  readKeys,
  file,
}: {
  readonly answers: readonly Answer[];
  readonly readKeys: ReadKeys;
  readonly file: string;
}): Promise<ReadonlyMap<string, Verdict>> => {
  const verdicts = new Map<string, Verdict>();
  if (answers.length === 0) return verdicts;
  const looked = await readKeys();
  const late = looked.ok ? looked.value.fresh : [];
  const others = [...answers.flatMap(({ stray }) => stray.others), ...late];
  for (const { group, commit, stray } of answers) {
    const places = group.map(({ paths }) => paths);
    const more = sortKeys(others, places, true, thisPlatform).wider;
    if (more.length === 0) continue;
    const { trustKey } = group[0];
    const wider = [...new Set([...stray.wider, ...more])];
    verdicts.set(trustKey, { code: "trust-wider-than-planned", planned: trustKey, keys: wider, file });
    await commit.close("trust-wider-than-planned", wider);
  }
  return verdicts;
};
