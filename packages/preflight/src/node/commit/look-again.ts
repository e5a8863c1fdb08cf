import type { Verdict } from "../../index.ts";
import { sortKeys } from "../../stray-keys.ts";
import type { Answer } from "./answer.ts";
import type { KeyWatch } from "./key-watch.ts";

/**
 * Looks at the keys once more when a batch is through: at what became trusted after the last turn, and at what belonged to
 * nothing in the turn of one folder and covers another. Corrects the ledger. Returns the verdicts that change, by trust key.
 */
export const lookAgain = async ({
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
    const more = sortKeys(others, places, true).wider;
    if (more.length === 0) continue;
    const { trustKey } = group[0];
    const wider = [...new Set([...stray.wider, ...more])];
    verdicts.set(trustKey, { code: "trust-wider-than-planned", planned: trustKey, keys: wider, file });
    await commit.close("trust-wider-than-planned", wider);
  }
  return verdicts;
};
