import type { ConsentKind } from "../consents.ts";
import type { DriveBlockedCode } from "../drive.ts";

/** Text that must stand in the dialog. Compared without white space and case, so wrapping and CSI column moves do not matter. */
export type Anchor = string;

/** An option's label as a person reads it, without number, pointer or trailing tick. Compared like an anchor, whole. */
export type OptionLabel = string | RegExp;

type RuleBase = {
  /** `<provider>/<dialog>`, stable: it stands in results, recordings and tests. */
  readonly id: string;
  readonly anchors: readonly Anchor[];
  /** CLI versions whose recorded screen this rule was written from, or read in the shipped bundle. */
  readonly seenIn: readonly string[];
  readonly why: string;
};

/** A question with options, answered by meaning. The keys are worked out from the screen. */
export type SelectRule = RuleBase & {
  readonly type: "select";
  readonly kind: ConsentKind;
  /** For each answer a caller may give: the labels that mean it. */
  readonly want: { readonly [answer: string]: readonly OptionLabel[] };
  /** Every other label that may stand in the list. A label that is in neither makes the dialog unknown. */
  readonly never: readonly OptionLabel[];
  /** "retry": Enter again if the same dialog still stands and no proof came. "once": never a second Enter. */
  readonly memory: "once" | "retry";
};

/** A screen that is a person's: named, never answered. */
export type BlockRule = RuleBase & { readonly type: "block"; readonly code: DriveBlockedCode };

/** The program waits for a prompt. */
export type ReadyRule = RuleBase & { readonly type: "ready" };

export type Rule = SelectRule | BlockRule | ReadyRule;

export type RulePack = {
  readonly provider: string;
  readonly rules: readonly Rule[];
  /** After a dialog is first drawn, keys are not read for so long (ms, the longest measured): no key sooner. */
  readonly deadWindowMs: number;
};
