import type { DriveBlockedCode, Observation, Rule, RulePack } from "@trust/dialog-engine";

/** The meaning of a screen for a runtime that may not answer it. `dialog` is the id of the rule. */
export type Sight =
  | { readonly type: "ready" }
  | { readonly type: "trust"; readonly dialog: string }
  | { readonly type: "question"; readonly code: DriveBlockedCode; readonly dialog: string };

/** A sight, and how long it must stay on the screen before it is reported (ms). */
export type Sighting = { readonly sight: Sight; readonly standsMs: number };

/** Milliseconds, the same as in the engine: a list without a matching rule may still be incomplete. */
const unknownMs = 1_000;

/** Reads a screen by one rule pack; null if there is nothing to report. */
export const readSight = (seen: Observation, pack: RulePack): Sighting | null => {
  const standsMs = pack.deadWindowMs;
  switch (seen.type) {
    case "nothing":
    case "passing":
      return null;
    case "ready":
      return { sight: { type: "ready" }, standsMs: pack.readyStandsMs };
    case "select":
      return { sight: asked(seen.rule, "consent-needed"), standsMs };
    case "block":
      return { sight: asked(seen.rule, seen.rule.code), standsMs: seen.rule.standsMs ?? standsMs };
    case "yes-no": {
      const rule = pack.rules.find(({ id }) => id === seen.ruleId);
      const code = "screen-reader-dialog";
      return { sight: rule === undefined ? unknown(pack, code) : asked(rule, code), standsMs };
    }
    case "unknown":
      return { sight: unknown(pack, "unknown-dialog"), standsMs: unknownMs };
  }
};

const asked = (rule: Rule, code: DriveBlockedCode): Sight =>
  isTrust(rule) ? { type: "trust", dialog: rule.id } : { type: "question", code, dialog: rule.id };

const unknown = ({ provider }: RulePack, code: DriveBlockedCode): Sight => ({
  type: "question",
  code,
  dialog: `${provider}/unknown`,
});

/**
 * True for a rule about trust. If config.toml calls a folder untrusted, Codex asks in a second dialog, which
 * only ends with an answer that trusts the folder.
 */
const isTrust = (rule: Rule): boolean =>
  rule.type === "select"
    ? rule.kind === "trust" || rule.kind === "granted-permissions"
    : rule.id === "codex/restricted";
