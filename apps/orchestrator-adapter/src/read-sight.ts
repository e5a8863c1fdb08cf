import type { DriveBlockedCode, Observation, Rule, RulePack } from "@trust/dialog-engine";

/** What a screen means to a runtime that may not touch it. `dialog` is its rule's id. */
export type Sight =
  | { readonly type: "ready" }
  | { readonly type: "trust"; readonly dialog: string }
  | { readonly type: "question"; readonly code: DriveBlockedCode; readonly dialog: string };

/** Something to see, and for how long it has to stand before it is believed (ms). */
export type Sighting = { readonly sight: Sight; readonly standsMs: number };

/** A list that no rule knows may still be being drawn; milliseconds, as the engine waits. */
const unknownMs = 1_000;

/** What stands there, to one pack; null where nothing is to be said about it. */
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

/** Codex asks about a folder that its config.toml calls untrusted in another dialog, which nothing but trust ends. */
const isTrust = (rule: Rule): boolean =>
  rule.type === "select"
    ? rule.kind === "trust" || rule.kind === "granted-permissions"
    : rule.id === "codex/restricted";
