import { isWithin, type PlacedRule } from "./gemini-trust.ts";

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/**
 * Whether Qwen Code asks for trust, by its parsed settings files from the weakest to the strongest; the last one that says
 * anything decides, and it is off by default (0.15.10, 0.24.4).
 */
export const asksForTrust = (settings: readonly unknown[]): boolean =>
  settings
    .map((one) => field(field(field(one, "security"), "folderTrust"), "enabled"))
    .findLast((enabled) => typeof enabled === "boolean") === true;

const depthOf = ({ covers }: PlacedRule): number => covers.split("/").filter(Boolean).length;

/**
 * The rule that decides about a folder's real path: of the folders that are meant the deepest, and of two about the same
 * one the refusal (0.24.4). In 0.15.10 any trusted folder above wins; there a refusal below it is respected all the same.
 */
export const qwenDecidingRule = (rules: readonly PlacedRule[], real: string): PlacedRule | null =>
  rules
    .filter(({ covers }) => isWithin(real, covers))
    .reduce<PlacedRule | null>((winner, rule) => {
      const ahead = winner === null ? 1 : depthOf(rule) - depthOf(winner);
      return ahead > 0 || (ahead === 0 && rule.level === "DO_NOT_TRUST") ? rule : winner;
    }, null);
