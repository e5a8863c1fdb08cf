import { explainCast } from "../recording/explain-cast.ts";
import type { Cast } from "../recording/recording.ts";
import type { RulePack } from "../rules/rule.ts";
import { packs } from "./packs.ts";

/** The pack whose rules match the most screens of a recording. In a tie, the first in the table. */
export const packOf = (cast: Cast): RulePack => {
  const known = packs.map((pack) => explainCast(cast, pack).filter(({ seen }) => "rule" in seen).length);
  return packs[known.indexOf(Math.max(...known))] ?? packs[0];
};
