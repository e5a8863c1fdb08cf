import type { Platform } from "@trust/claude-state-probe";
import { withSlashes, isWithin, type PlacedRule } from "./gemini-trust.ts";

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/**
 * True if Qwen Code asks for trust. Takes its parsed settings files from the weakest to the strongest; the last one with
 * a value decides. The default is off (0.15.10, 0.24.4).
 */
export const asksForTrust = (settings: readonly unknown[]): boolean =>
  settings
    .map((one) => field(field(field(one, "security"), "folderTrust"), "enabled"))
    .findLast((enabled) => typeof enabled === "boolean") === true;

const depthOf = ({ covers }: PlacedRule, platform: Platform): number =>
  withSlashes(covers, platform).split("/").filter(Boolean).length;

/**
 * The rule that decides about a folder's real path: the rule for the deepest folder, and of two for the same folder the
 * refusal (0.24.4). In 0.15.10 any trusted parent wins; we respect a refusal below it even then.
 */
export const qwenDecidingRule = (
  rules: readonly PlacedRule[],
  real: string,
  platform: Platform,
): PlacedRule | null =>
  rules
    .filter(({ covers }) => isWithin(real, covers, platform))
    .reduce<PlacedRule | null>((winner, rule) => {
      const ahead = winner === null ? 1 : depthOf(rule, platform) - depthOf(winner, platform);
      return ahead > 0 || (ahead === 0 && rule.level === "DO_NOT_TRUST") ? rule : winner;
    }, null);
