import { isWithin, type PlacedRule } from "./gemini-trust.ts";

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/**
 * Whether Qwen Code asks for trust. Takes its parsed settings files from the weakest to the strongest; the
 * last one with a value decides. The default is off (0.15.10, 0.24.4).
 */
export const asksForTrust = (settings: readonly unknown[]): boolean =>
  settings
    .map((one) => field(field(field(one, "security"), "folderTrust"), "enabled"))
    .findLast((enabled) => typeof enabled === "boolean") === true;

const depthOf = ({ covers }: PlacedRule): number => covers.split("/").filter(Boolean).length;

/**
 * The rule that decides about a folder's real path: the one for the deepest folder, and of two for the same
 * folder the refusal (0.24.4). In 0.15.10 any trusted parent wins; we respect a refusal below it there too.
 */
export const qwenDecidingRule = (rules: readonly PlacedRule[], real: string): PlacedRule | null =>
  rules
    .filter(({ covers }) => isWithin(real, covers))
    .reduce<PlacedRule | null>((winner, rule) => {
      const ahead = winner === null ? 1 : depthOf(rule) - depthOf(winner);
      return ahead > 0 || (ahead === 0 && rule.level === "DO_NOT_TRUST") ? rule : winner;
    }, null);
