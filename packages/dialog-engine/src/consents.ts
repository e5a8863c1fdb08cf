/**
 * The questions a dialog may ask, and the answers a caller may give to each. The CLI remembers a refusal too,
 * so only the two in `impliedConsents` have a default.
 */
export const consentAnswers = {
  trust: ["accept"],
  update: ["skip"],
  "api-key": ["use", "refuse"],
  mcp: ["use", "refuse"],
  imports: ["allow", "refuse"],
  bypass: ["accept", "refuse"],
  "granted-permissions": ["accept", "refuse"],
  resume: ["new", "summary"],
  "model-migration": ["keep", "switch"],
  "auto-mode": ["keep", "set"],
  "session-dir": ["session", "current"],
} as const;

export type ConsentKind = keyof typeof consentAnswers;
export type ConsentAnswer<K extends ConsentKind = ConsentKind> = (typeof consentAnswers)[K][number];
export type Consents = { readonly [K in ConsentKind]?: ConsentAnswer<K> };

/** Naming a folder is consent to trust it. Skipping an update changes nothing that the CLI remembers. */
export const impliedConsents: Consents = { trust: "accept", update: "skip" };
