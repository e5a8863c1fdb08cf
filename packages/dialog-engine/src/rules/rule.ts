import type { ConsentKind } from "../consents.ts";
import type { Sentence, Text } from "../wording/dialog-text.ts";
import type { ComposerShape } from "../locate/locate-composer.ts";
import type { ListStyle } from "../locate/locate-dialog.ts";
import type { Slots } from "../wording/sentence.ts";

/** Why a screen is left to a person: `dialog` names it. */
export type DriveBlockedCode =
  "sign-in-needed" | "no-connection" | "unknown-dialog" | "consent-needed" | "screen-reader-dialog";

/** Text that must be on the screen. Compared without white space, boxes and case (`compact`). */
export type Anchor = string;

/** An option's label: a sentence (with slots, if it has some), or a pattern for the label as a person reads it. */
export type OptionLabel = Sentence | RegExp;

type RuleBase = {
  /** `<provider>/<dialog>`. Results, recordings and tests contain it, so it never changes. */
  readonly id: string;
  /** CLI versions whose recorded screen (or, where it says so, whose shipped bundle) this rule was written from. */
  readonly seenIn: readonly string[];
  /** Why the rule is as it is: what asking, answering or not answering does. */
  readonly why: string;
};

/** A screen that is recognised by a few of its words. All of these must be on it. */
type ByAnchors = { readonly anchors: readonly Anchor[] };

/**
 * A question with options, answered by meaning. The keys are worked out from the screen.
 *
 * Every sentence of it is written down. One that is not (a newer version asks for more, or it is about another folder than
 * the one that was started) makes the dialog unknown, and no key is pressed.
 */
export type SelectRule = RuleBase & {
  readonly type: "select";
  readonly kind: ConsentKind;
  /** The first words of the block above the list: where its frame opens, or the screen begins. */
  readonly title: Sentence;
  /** Everything that may stand between the title and the list, in its order. Nothing, unless said. */
  readonly body?: Text;
  /** Everything that may stand below the list, down to the next frame. Nothing, unless said. */
  readonly footer?: Text;
  /** For each answer a caller may give: the labels that mean it. */
  readonly want: { readonly [answer: string]: readonly OptionLabel[] };
  /** Every other label that may stand in the list. A label that is in neither makes the dialog unknown. */
  readonly never: readonly OptionLabel[];
  /** Every label that is written down must stand in the list: nothing below says that it is whole. */
  readonly needsAllLabels?: true;
  /** "retry": Enter again if the same dialog still stands and no proof came. "once": never a second Enter. */
  readonly memory: "once" | "retry";
  /** This dialog's own dead window (ms), where it is not the pack's. */
  readonly deadWindowMs?: number;
};

/** A screen that is left to a person: named, never answered. */
export type BlockRule = RuleBase &
  ByAnchors & {
    readonly type: "block";
    readonly code: DriveBlockedCode;
    /** The composer stands there too, and is of no use. Else a composer means that the words are only talked of. */
    readonly besideComposer?: true;
    /** How long it must be unchanged before it counts, if another screen may replace it. In milliseconds. */
    readonly standsMs?: number;
  };

/** A screen that leaves by itself: no key is pressed and the run goes on, even if it shows a dialog. */
export type PassingRule = RuleBase & ByAnchors & { readonly type: "passing" };

/** The program waits for a prompt: it shows a composer, and below it at least one of the status texts. */
export type ReadyRule = RuleBase &
  ByAnchors & {
    readonly type: "ready";
    /** Any prompt between rules or in a box, unless said. */
    readonly composer?: ComposerShape;
    readonly status: readonly Anchor[];
    /** With any of these on the screen it is not the program's last word. */
    readonly without?: readonly Anchor[];
  };

export type Rule = SelectRule | BlockRule | PassingRule | ReadyRule;

/** Everything that is known of one program's start-up screens. Times in milliseconds. */
export type RulePack = {
  readonly provider: string;
  readonly rules: readonly Rule[];
  /** The slots of its sentences beside those that every pack has: what the text in one must be, whole. */
  readonly slots?: Slots;
  /** How its lists are drawn, where they differ from what most programs draw. */
  readonly lists?: ListStyle;
  /** How long after a dialog was drawn its program may still lose keys: none is sent sooner. */
  readonly deadWindowMs: number;
  /** How long the ready screen must be unchanged before it counts. No dialog follows later than that. */
  readonly readyStandsMs: number;
};
