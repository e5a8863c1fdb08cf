import { thisPlatform } from "@trust/claude-state-probe/node";
import type { Verdict } from "../../index.ts";
import { sortKeys } from "../../trust-keys.ts";
import type { Answer } from "./answer.ts";
import type { KeyWatch } from "./key-watch.ts";

/**
 * Checks the keys again at the end of a batch: keys that became trusted after the last turn, and keys that were
 * unrelated to the folder of their turn but cover another folder. Corrects the ledger. Returns the changed verdicts, by
 * trust key.
 */
export const recheckKeys = async ({
  answers,
  keys,
  file,
}: {
  readonly answers: readonly Answer[];
  readonly keys: KeyWatch;
  readonly file: string;
}): Promise<ReadonlyMap<string, Verdict>> => {
  const verdicts = new Map<string, Verdict>();
  if (answers.length === 0) return verdicts;
  const looked = await keys.after();
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
