/**
 * The questions in our packs, and the answers a caller may give to each. A CLI remembers a refusal too, so
 * only the two in `impliedConsents` have a default.
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

/** For each kind of question, one of the answers in its rules' `want`. */
export type Answers<Kind extends string> = { readonly [K in Kind]?: string };

/**
 * The consents of a caller: our kinds with the answers above, or the kinds of a pack of the caller's own with
 * any answers.
 */
export type Consents<Kind extends string = ConsentKind> = [ConsentKind] extends [Kind]
  ? { readonly [K in Kind]?: K extends ConsentKind ? ConsentAnswer<K> : string }
  : Answers<Kind>;

/** Naming a folder is consent to trust it. Skipping an update changes nothing that the CLI remembers. */
export const impliedConsents: Consents = { trust: "accept", update: "skip" };
