/**
 * The questions a dialog may ask, and the answers a caller may give to each.
 * A refusal is remembered by the CLI too, so nothing here has a default except the two in `impliedConsents`.
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
} as const;

export type ConsentKind = keyof typeof consentAnswers;
export type ConsentAnswer<K extends ConsentKind = ConsentKind> = (typeof consentAnswers)[K][number];
export type Consents = { readonly [K in ConsentKind]?: ConsentAnswer<K> };

/** Naming a folder consents to trust for it; skipping an update changes nothing that is remembered. */
export const impliedConsents: Consents = { trust: "accept", update: "skip" };

/** True for a dialog whose confirmation trusts the folder: one of each kind is confirmed in a run. */
export const isCommit = (kind: ConsentKind): boolean => kind === "trust" || kind === "granted-permissions";
