import { readerOf } from "../wording/dialog-text.ts";
import type { Dialog } from "../locate/locate-dialog.ts";
import type { Option } from "../locate/read-list.ts";
import { passageOf, type Passage } from "../wording/passage.ts";
import { compact } from "../screen/rows.ts";
import type { OptionLabel, RulePack, SelectRule } from "./rule.ts";
import type { Reading } from "../wording/sentence.ts";
import type { StartedFolder } from "../wording/shown-folder.ts";

/** A dialog with its texts, prepared once for all rules that are tried on it. */
export type PreparedDialog = {
  readonly dialog: Dialog;
  readonly above: Passage;
  readonly below: Passage;
  readonly whole: Passage;
};

/** `columns`: the terminal's width in cells. */
export const prepareDialog = (dialog: Dialog, columns: number): PreparedDialog => {
  const { above, options, below } = dialog;
  const whole = [...above, ...options.flatMap(({ lines }) => lines), ...below];
  return {
    dialog,
    above: passageOf(above, columns),
    below: passageOf(below, columns),
    whole: passageOf(whole, columns),
  };
};

/** A select rule prepared for one pack and one folder. */
export type RuleReader<Kind extends string> = {
  readonly rule: SelectRule<Kind>;
  readonly matches: (prepared: PreparedDialog) => boolean;
  /** Every reason why this rule does not match the dialog; empty if it matches. */
  readonly problemsOf: (prepared: PreparedDialog) => readonly string[];
  /** True if the dialog nearly matches: it has the rule's title, or exactly its labels. */
  readonly nearlyMatches: (prepared: PreparedDialog) => boolean;
  /** True if the text has all required sentences, in any order and beside any other text: a `y/n:` prompt has no list. */
  readonly hasAllSentences: (prepared: PreparedDialog) => boolean;
};

type PackReaders<Kind extends string> = {
  readonly folder: StartedFolder | undefined;
  readonly readers: readonly RuleReader<Kind>[];
};

/** A run reads hundreds of screens with one pack and one folder, so their patterns are compiled once. */
const readersByPack = new WeakMap<RulePack<string>, PackReaders<string>>();

export const readersOf = <Kind extends string>(
  pack: RulePack<Kind>,
  folder: StartedFolder | undefined,
): readonly RuleReader<Kind>[] => {
  // A pack's readers hold the pack's own rules, so their kinds are the pack's.
  const kept = readersByPack.get(pack) as PackReaders<Kind> | undefined;
  if (kept && kept.folder?.path === folder?.path && kept.folder?.home === folder?.home) return kept.readers;
  const reading = { folder, slots: pack.slots };
  const readers = pack.rules.flatMap((rule) => (rule.type === "select" ? [ruleReader(rule, reading)] : []));
  readersByPack.set(pack, { folder, readers });
  return readers;
};

const ruleReader = <Kind extends string>(rule: SelectRule<Kind>, reading: Reading): RuleReader<Kind> => {
  const above = readerOf([rule.title, ...(rule.body ?? [])], reading);
  const below = readerOf(rule.footer ?? [], reading);
  const title = readerOf([rule.title], reading);
  const labels = [...Object.values(rule.want).flat(), ...rule.never];
  const known = labelReaders(labels, reading);
  const isKnown = (option: Option): boolean => known.some((isIt) => isIt(option));
  const missingIn = (options: readonly Option[]): readonly OptionLabel[] =>
    rule.needsAllLabels ? labels.filter((_, at) => !options.some((option) => known[at]?.(option))) : [];
  return {
    rule,
    matches: ({ dialog, ...prepared }) =>
      dialog.pointed !== null &&
      above.isAllOf(prepared.above) &&
      below.isAllOf(prepared.below) &&
      dialog.options.every(isKnown) &&
      missingIn(dialog.options).length === 0,
    problemsOf: ({ dialog, ...prepared }) => [
      ...above.problemsOf(prepared.above),
      ...dialog.options.filter((option) => !isKnown(option)).map(({ label }) => `unknown option "${label}"`),
      ...missingIn(dialog.options).map((label) => `no option "${label}"`),
      ...below.problemsOf(prepared.below),
      ...(dialog.pointed === null ? ["no single pointer"] : []),
    ],
    nearlyMatches: ({ dialog, whole }) =>
      title.isIn(whole) || (dialog.options.length > 0 && dialog.options.every(isKnown)),
    hasAllSentences: ({ whole }) => above.isIn(whole),
  };
};

type IsLabel = (option: Option) => boolean;

const labelReaders = (labels: readonly OptionLabel[], reading: Reading): IsLabel[] =>
  labels.map((wanted) => {
    if (typeof wanted !== "string") return ({ label }) => wanted.test(label);
    if (!wanted.includes("{")) return ({ label }) => compact(wanted) === compact(label);
    const reader = readerOf([wanted], reading);
    // A label begins further right than the column where its rows were cut, so any of them may be full.
    return ({ lines }) => reader.isAllOf(passageOf(lines, 0));
  });

/** The option that means an answer; null if none or more than one does. */
export const optionFor = (rule: SelectRule<string>, answer: string, dialog: Dialog): number | null => {
  const wanted = labelReaders(rule.want[answer] ?? [], {});
  const found = dialog.options.flatMap((option, at) => (wanted.some((isIt) => isIt(option)) ? [at] : []));
  if (rule.takesAll) return found.length === dialog.options.length ? dialog.pointed : null;
  return found.length === 1 ? (found[0] ?? null) : null;
};

const inFolder = /\{(?:folder|name|parent)\}/u;

/** True if the dialog says which folder it is about. */
export const namesFolder = ({ title, body = [], want, never }: SelectRule<string>): boolean =>
  [title, ...body, ...Object.values(want).flat(), ...never].some(
    (said) => !(said instanceof RegExp) && inFolder.test(JSON.stringify(said)),
  );
