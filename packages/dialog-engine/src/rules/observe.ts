import type { ConsentKind } from "../consents.ts";
import { locateComposer } from "../locate/locate-composer.ts";
import { locateDialog, locateKeyQuestion, type Dialog } from "../locate/locate-dialog.ts";
import { compact, isPadding } from "../screen/rows.ts";
import { prepareDialog, readersOf, type PreparedDialog, type RuleReader } from "./rule-reader.ts";
import type { BlockRule, PassingRule, ReadyRule, Rule, RulePack, SelectRule } from "./rule.ts";
import type { StartedFolder } from "../wording/shown-folder.ts";

/** A rule that nearly matched, and the parts that did not match. */
export type NearMiss = { readonly ruleId: string; readonly missing: readonly string[] };

/** The result of one pack for a screen. */
export type Observation<Kind extends string = ConsentKind> =
  | { readonly type: "select"; readonly rule: SelectRule<Kind>; readonly dialog: Dialog }
  | { readonly type: "block"; readonly rule: BlockRule }
  | { readonly type: "passing"; readonly rule: PassingRule }
  | { readonly type: "yes-no"; readonly dialog: Dialog; readonly ruleId: string | null }
  | { readonly type: "unknown"; readonly dialog: Dialog; readonly near: readonly NearMiss[] }
  | { readonly type: "ready"; readonly rule: ReadyRule }
  | { readonly type: "nothing" };

/** Facts about a start that its screen does not show. */
export type Start = {
  /**
   * A dialog that names a folder must name this one. Without it any folder matches, and such a dialog is
   * never answered.
   */
  readonly folder?: StartedFolder | undefined;
  /** True if the dialog with these labels (`labelsOf`) was answered. */
  readonly answered?: (labels: string) => boolean;
};

/**
 * Finds the rule of a pack that matches a screen. A dialog counts before a composer, except an answered dialog that
 * the program left above its composer. Part of such a dialog may have scrolled away, so its labels identify it.
 */
export const observe = <Kind extends string = ConsentKind>(
  rows: readonly string[],
  pack: RulePack<Kind>,
  columns = 120,
  { folder, answered = () => false }: Start = {},
): Observation<Kind> => {
  const composers = pack.rules.flatMap((rule) => {
    const row = rule.type === "ready" ? composerOf(rule, rows) : null;
    return rule.type === "ready" && row !== null ? [{ rule, row }] : [];
  });
  const composer = composers.length === 0 ? null : Math.max(...composers.map(({ row }) => row));
  const dialog = locateDialog(rows, columns, pack.lists, composer);
  const isOld =
    dialog !== null && composer !== null && composer > dialog.bottom && answered(labelsOf(dialog));
  if (dialog !== null && !isOld) return readDialog(prepareDialog(dialog, columns), pack, folder);

  const screen = compact(rows.join("\n"));
  const matches = (rule: Rule<Kind>): boolean =>
    (rule.type === "passing" || rule.type === "block") && hasAnchors(rule, screen);
  if (composers.length === 0) {
    const known = pack.rules.find(matches);
    const question = known ? null : locateKeyQuestion(rows);
    return question ? readDialog(prepareDialog(question, columns), pack, folder) : asSeen(known);
  }
  const block = pack.rules.find((rule) => rule.type === "block" && rule.besideComposer && matches(rule));
  if (block) return asSeen(block);
  const ready = composers.find(
    ({ rule, row }) =>
      hasAnchors(rule, screen) &&
      !isExcluded(rule, screen) &&
      hasStatus(rule, compact(rows.slice(row + 1).join("\n"))),
  );
  return asSeen(ready?.rule);
};

/**
 * The row of the rule's composer. A draft of several rows without a frame looks like a list: it counts as a draft only
 * if one of the status texts is below it.
 */
const composerOf = (rule: ReadyRule, rows: readonly string[]): number | null => {
  const row = locateComposer(rows, rule.composer);
  if (row === null || rule.composer?.between !== "blank rows" || isPadding(rows[row + 1] ?? "")) return row;
  const end = rows.findIndex((text, at) => at > row && isPadding(text));
  return hasStatus(rule, compact(rows.slice(end).join("\n"))) ? row : null;
};

const asSeen = (rule: Rule<string> | undefined): Observation<never> => {
  if (rule?.type === "block") return { type: "block", rule };
  if (rule?.type === "passing") return { type: "passing", rule };
  return rule?.type === "ready" ? { type: "ready", rule } : { type: "nothing" };
};

/** Identifies an answered dialog, even if its title has scrolled away. */
export const labelsOf = (dialog: Dialog): string =>
  dialog.options.map(({ label }) => compact(label)).join("|");

const readDialog = <Kind extends string>(
  prepared: PreparedDialog,
  pack: RulePack<Kind>,
  folder: StartedFolder | undefined,
): Observation<Kind> => {
  const { dialog } = prepared;
  const readers = readersOf(pack, folder);
  const find = (type: "passing" | "block"): Rule<Kind> | undefined =>
    pack.rules.find((rule) => rule.type === type && hasAnchors(rule, dialog.text));
  const passing = find("passing");
  if (passing) return asSeen(passing);
  if (dialog.type === "yes-no")
    return { type: "yes-no", dialog, ruleId: ruleOfPrompt(prepared, pack, readers) };
  const known = readers.find((reader) => reader.matches(prepared));
  if (known) return { type: "select", rule: known.rule, dialog };
  const block = find("block");
  return block ? asSeen(block) : { type: "unknown", dialog, near: nearMisses(readers, prepared) };
};

/** The rule whose question a `y/n:` prompt asks. Such a prompt is never answered, so finding the sentences is enough. */
const ruleOfPrompt = (
  prepared: PreparedDialog,
  pack: RulePack<string>,
  readers: readonly RuleReader<string>[],
): string | null => {
  const asksThis = (rule: Rule<string>): boolean =>
    rule.type === "select"
      ? readers.some((reader) => reader.rule === rule && reader.hasAllSentences(prepared))
      : rule.type === "block" && hasAnchors(rule, prepared.dialog.text);
  return pack.rules.find(asksThis)?.id ?? null;
};

const hasAnchors = (rule: BlockRule | PassingRule | ReadyRule, text: string): boolean =>
  rule.anchors.every((anchor) => text.includes(compact(anchor)));

const isExcluded = (rule: ReadyRule, text: string): boolean =>
  (rule.without ?? []).some((anchor) => text.includes(compact(anchor)));

const hasStatus = (rule: ReadyRule, below: string): boolean =>
  rule.status.some((status) => below.includes(compact(status)));

const nearMisses = (readers: readonly RuleReader<string>[], prepared: PreparedDialog): NearMiss[] =>
  readers
    .filter((reader) => reader.nearlyMatches(prepared))
    .map((reader) => ({ ruleId: reader.rule.id, missing: reader.problemsOf(prepared) }));
