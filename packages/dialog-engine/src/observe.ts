import { locateComposer } from "./locate-composer.ts";
import { locateDialog, type Dialog } from "./locate-dialog.ts";
import { compact } from "./rows.ts";
import type {
  BlockRule,
  OptionLabel,
  PassingRule,
  ReadyRule,
  Rule,
  RulePack,
  SelectRule,
} from "./rules/rule.ts";

/** A rule that nearly matched, and what spoke against it. */
export type NearMiss = { readonly ruleId: string; readonly missing: readonly string[] };

/** What a screen is, to one pack. */
export type Observation =
  | { readonly type: "select"; readonly rule: SelectRule; readonly dialog: Dialog }
  | { readonly type: "block"; readonly rule: BlockRule }
  | { readonly type: "passing"; readonly rule: PassingRule }
  | { readonly type: "yes-no"; readonly dialog: Dialog; readonly ruleId: string | null }
  | { readonly type: "unknown"; readonly dialog: Dialog; readonly near: readonly NearMiss[] }
  | { readonly type: "ready"; readonly rule: ReadyRule }
  | { readonly type: "nothing" };

/**
 * Reads a screen with a pack's eyes. A dialog beats a ready-looking composer, except one that was answered already
 * and that its program left standing above the composer (part of it may have scrolled away): `answered` says so of its
 * options' labels.
 */
export const observe = (
  rows: readonly string[],
  pack: RulePack,
  columns = 120,
  answered: (labels: string) => boolean = () => false,
): Observation => {
  const dialog = locateDialog(rows, columns, pack.lists);
  const composers = pack.rules.flatMap((rule) => {
    const row = rule.type === "ready" ? locateComposer(rows, rule.composer) : null;
    return rule.type === "ready" && row !== null ? [{ rule, row }] : [];
  });
  const composer = Math.max(...composers.map(({ row }) => row));
  const isOld = dialog !== null && composer > dialog.bottom && answered(labelsOf(dialog));
  if (dialog !== null && !isOld) return readDialog(dialog, pack.rules);

  const screen = compact(rows.join("\n"));
  const stands = (rule: Rule): boolean =>
    (rule.type === "passing" || rule.type === "block") && holds(rule, screen);
  if (composers.length === 0) return asSeen(pack.rules.find(stands));
  const block = pack.rules.find((rule) => rule.type === "block" && rule.besideComposer && stands(rule));
  if (block) return asSeen(block);
  const ready = composers.find(
    ({ rule, row }) =>
      holds(rule, screen) && !isSpoilt(rule, screen) && speaks(rule, compact(rows.slice(row + 1).join("\n"))),
  );
  return asSeen(ready?.rule);
};

const asSeen = (rule: Rule | undefined): Observation => {
  if (rule?.type === "block") return { type: "block", rule };
  if (rule?.type === "passing") return { type: "passing", rule };
  return rule?.type === "ready" ? { type: "ready", rule } : { type: "nothing" };
};

/** What tells an answered dialog from another one, also when its title is off the screen. */
export const labelsOf = (dialog: Dialog): string =>
  dialog.options.map(({ label }) => compact(label)).join("|");

const readDialog = (dialog: Dialog, rules: readonly Rule[]): Observation => {
  const passing = rules.find((rule) => rule.type === "passing" && holds(rule, dialog.text));
  if (passing) return asSeen(passing);
  const named = rules.find((rule) => rule.type !== "ready" && holds(rule, dialog.text));
  if (dialog.type === "yes-no") return { type: "yes-no", dialog, ruleId: named?.id ?? null };
  if (named?.type === "block") return asSeen(named);
  const rule = rules.find((row) => row.type === "select" && problemsOf(row, dialog).length === 0);
  if (rule?.type === "select") return { type: "select", rule, dialog };
  return { type: "unknown", dialog, near: nearMisses(rules, dialog) };
};

const holds = (rule: Rule, text: string): boolean =>
  rule.anchors.every((anchor) => text.includes(compact(anchor)));

const isSpoilt = (rule: ReadyRule, text: string): boolean =>
  (rule.without ?? []).some((anchor) => text.includes(compact(anchor)));

const speaks = (rule: ReadyRule, below: string): boolean =>
  rule.status.some((status) => below.includes(compact(status)));

/** Every reason why this rule may not be used on this dialog; none means that it matches. */
const problemsOf = (rule: SelectRule, dialog: Dialog): string[] => {
  const known = [...Object.values(rule.want).flat(), ...rule.never];
  return [
    ...rule.anchors
      .filter((anchor) => !dialog.text.includes(compact(anchor)))
      .map((anchor) => `no "${anchor}"`),
    ...(rule.without ?? [])
      .filter((anchor) => dialog.text.includes(compact(anchor)))
      .map((anchor) => `has "${anchor}"`),
    ...dialog.options
      .filter(({ label }) => !known.some((wanted) => means(wanted, label)))
      .map(({ label }) => `unknown option "${label}"`),
    ...(dialog.pointed === null ? ["no single pointer"] : []),
  ];
};

const nearMisses = (rules: readonly Rule[], dialog: Dialog): NearMiss[] =>
  rules.flatMap((rule) => {
    if (rule.type !== "select") return [];
    const touches =
      rule.anchors.some((anchor) => dialog.text.includes(compact(anchor)) && anchor !== commonFooter) ||
      dialog.options.some(({ label }) =>
        Object.values(rule.want)
          .flat()
          .some((wanted) => means(wanted, label)),
      );
    return touches ? [{ ruleId: rule.id, missing: problemsOf(rule, dialog) }] : [];
  });

const commonFooter = "Enter to confirm";

/** True if this label says what the rule's label says. */
export const means = (wanted: OptionLabel, label: string): boolean =>
  typeof wanted === "string" ? compact(wanted) === compact(label) : wanted.test(label);

/** The option that carries an answer; null where none or more than one does. */
export const optionFor = (rule: SelectRule, answer: string, dialog: Dialog): number | null => {
  const labels = rule.want[answer] ?? [];
  const found = dialog.options.flatMap(({ label }, at) =>
    labels.some((wanted) => means(wanted, label)) ? [at] : [],
  );
  return found.length === 1 ? (found[0] ?? null) : null;
};
