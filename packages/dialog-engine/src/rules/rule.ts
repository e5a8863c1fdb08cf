import type { ConsentKind } from "../consents.ts";
import type { Sentence, Text } from "../wording/dialog-text.ts";
import type { ComposerShape } from "../locate/locate-composer.ts";
import type { ListStyle } from "../locate/read-list.ts";
import type { Slots } from "../wording/sentence.ts";

/** Why a screen is left to a person. The result names the screen in `dialog`. */
export type DriveBlockedCode =
  | "sign-in-needed"
  | "no-connection"
  | "unknown-dialog"
  | "consent-needed"
  | "screen-reader-dialog";

/** Text that must be on the screen. Compared without white space, boxes and case (`compact`). */
export type Anchor = string;

/**
 * An option's label: a sentence (with slots, if it has some), or a pattern for the label as a person reads
 * it.
 */
export type OptionLabel = Sentence | RegExp;

type RuleBase = {
  /** `<provider>/<dialog>`. Results, recordings and tests contain it, so it never changes. */
  readonly id: string;
  /** CLI versions whose recorded screen this rule was written from, or whose shipped bundle if the text says so. */
  readonly seenIn: readonly string[];
  /** Why the rule is as it is: the effect of asking, answering or not answering. */
  readonly why: string;
};

/** A screen that is recognised by a few of its words. All of these must be on it. */
type ByAnchors = { readonly anchors: readonly Anchor[] };

/**
 * A question with options, answered by meaning. The engine works out the keys from the screen. The rule lists every
 * sentence of the dialog. If a sentence is not listed (a newer version asks for more, or the dialog names another
 * folder than the started one), the dialog is unknown, and no key is pressed.
 */
export type SelectRule<Kind extends string = ConsentKind> = RuleBase & {
  readonly type: "select";
  /** The name of the question. Each kind needs its own consent. */
  readonly kind: Kind;
  /** The first words of the block above the list, at the top of its frame or of the screen. */
  readonly title: Sentence;
  /** The text that may appear between the title and the list, in order. Default: nothing. */
  readonly body?: Text;
  /** The text that may appear below the list, down to the next frame. Default: nothing. */
  readonly footer?: Text;
  /** For each answer a caller may give: the labels that mean it. */
  readonly want: { readonly [answer: string]: readonly OptionLabel[] };
  /** Every other label that may appear in the list. A label in neither set makes the dialog unknown. */
  readonly never: readonly OptionLabel[];
  /** Every label of the rule must be in the list, since nothing below the list shows that it is complete. */
  readonly needsAllLabels?: true;
  /**
   * The answer trusts the folder, which is the purpose of the run: a run confirms one question of this kind, and awaits
   * `beforeCommit` before it.
   */
  readonly commits?: true;
  /** Enter takes every ticked option, with the pointer on any row. All options must be wanted. */
  readonly takesAll?: true;
  /**
   * "retry": Enter again if the same dialog is still shown and no proof came. "once": never a second Enter.
   */
  readonly memory: "once" | "retry";
  /** This dialog's own dead window (ms), if it differs from the pack's. */
  readonly deadWindowMs?: number;
};

/** A screen that is left to a person. It is named in the result and never answered. */
export type BlockRule = RuleBase &
  ByAnchors & {
    readonly type: "block";
    readonly code: DriveBlockedCode;
    /** The composer is shown too, but cannot be used. Without this flag, the words beside a composer are only text. */
    readonly besideComposer?: true;
    /** How long it must be unchanged before it counts, because another screen may replace it. In milliseconds. */
    readonly standsMs?: number;
  };

/** A screen that disappears by itself: no key is pressed and the run goes on, even if it shows a dialog. */
export type PassingRule = RuleBase & ByAnchors & { readonly type: "passing" };

/** The program waits for a prompt: it shows a composer, and below it at least one of the status texts. */
export type ReadyRule = RuleBase &
  ByAnchors & {
    readonly type: "ready";
    /** Default: any prompt between rules or in a box. */
    readonly composer?: ComposerShape;
    readonly status: readonly Anchor[];
    /** If any of these is on the screen, the program is not ready yet. */
    readonly without?: readonly Anchor[];
  };

export type Rule<Kind extends string = ConsentKind> = SelectRule<Kind> | BlockRule | PassingRule | ReadyRule;

/**
 * All rules about one program's start-up screens. `Kind`: the kinds of its questions. Times in milliseconds.
 */
export type RulePack<Kind extends string = ConsentKind> = {
  readonly provider: string;
  readonly rules: readonly Rule<Kind>[];
  /** The pack's own slots, beside the common ones: a pattern for the whole text in each. */
  readonly slots?: Slots;
  /** How its lists are drawn, if they differ from those of most programs. */
  readonly lists?: ListStyle;
  /** How long the program may lose keys after it drew a dialog. No key is sent sooner. */
  readonly deadWindowMs: number;
  /** How long a blank screen does not count as a hang, per run, beside the default limits. Default: 0. */
  readonly blankMs?: number;
  /** How long the ready screen must be unchanged before it counts. No dialog was seen to appear later. */
  readonly readyStandsMs: number;
};
