import { describe, expect, test } from "vitest";
import { fixturesOf, recordingsOf, startedIn } from "../node/recordings.fixture.ts";
import { explainCast, type ExplainedScreen } from "../recording/explain-cast.ts";
import { observe } from "../rules/observe.ts";
import type { BlockRule, PassingRule, ReadyRule, RulePack } from "../rules/rule.ts";
import { packs } from "./packs.ts";

const ruleIdOf = (rows: readonly string[], pack: RulePack): string => {
  const seen = observe(rows, pack);
  return "rule" in seen ? seen.rule.id : seen.type;
};

/** Every screen of every recording, read by its pack. */
const screens = new Map(
  packs.map((pack) => [
    pack,
    recordingsOf(pack.provider).flatMap(({ version, cast }) =>
      explainCast(cast, pack, undefined, startedIn(pack.provider)).map((screen) => ({ version, ...screen })),
    ),
  ]),
);
const screensOf = (pack: RulePack): readonly (ExplainedScreen & { readonly version: string })[] =>
  screens.get(pack) ?? [];

const rows = packs.flatMap((pack) => pack.rules.map((rule) => ({ id: rule.id, rule, pack })));

/** "2.1.328", or a version or range with the place where its words were read: "2.1.28x (other projects' captures)". */
const version = /^\d[\dx., ]*(?: and later)?$/u;
const withPlace = /^\d[\dx., ]*(?: and later)? \([^()]+\)$/u;

describe.each(rows)("the source of the words of $id", ({ rule, pack }) => {
  test("is a recorded version, or names another place", () => {
    expect(rule.seenIn).not.toEqual([]);
    const recorded = new Set(recordingsOf(pack.provider).map(({ version }) => version));
    const unsourced = rule.seenIn.filter(
      (seen) => !withPlace.test(seen) && !(version.test(seen) && recorded.size > 0),
    );
    expect(unsourced).toEqual([]);
  });

  test("has a recording, unless all its sources are other places", () => {
    if (rule.seenIn.every((seen) => withPlace.test(seen))) return;
    const shown = screensOf(pack).filter(({ seen }) => "rule" in seen && seen.rule.id === rule.id);
    const asked = fixturesOf(pack.provider).filter(({ ended }) => ended.endsWith(` ${rule.id}`));
    expect(shown.length + asked.length).toBeGreaterThan(0);
  });

  test("has a reason in why", () => expect(rule.why).toMatch(/^\S[^]*\.$/u));
});

type ByAnchors = BlockRule | PassingRule;
const byAnchors = rows.flatMap(({ id, rule, pack }) =>
  rule.type === "block" || rule.type === "passing" ? [{ id, rule, pack }] : [],
);

/** A dialog with these words, drawn in the list style of this pack's program. */
const dialogOf = (anchors: readonly string[], { lists }: RulePack): string[] => {
  const [pointer = "❯"] = lists?.pointers ?? "❯";
  return ["─".repeat(60), ...anchors.map((words) => `  ${words}`), "", ` ${pointer} 1. Yes`, "   2. No"];
};

const oneLetterOff = (words: string): string => words.replace(/\p{L}(?=\P{L}*$)/u, "#");

describe.each(byAnchors)("near misses of $id", ({ rule, pack }: { rule: ByAnchors; pack: RulePack }) => {
  const asked = (anchors: readonly string[]): string => ruleIdOf(dialogOf(anchors, pack), pack);

  test("identify a dialog with its words", () => expect(asked(rule.anchors)).toBe(rule.id));

  test.each(rule.anchors)('do not identify a dialog with one letter of "%s" changed', (words) => {
    expect(asked(rule.anchors.map((other) => (other === words ? oneLetterOff(words) : other)))).not.toBe(
      rule.id,
    );
  });

  test("do not identify its words in a text above the composer", () => {
    if (rule.type === "block" && rule.besideComposer) return;
    const ready = screensOf(pack).find(({ seen }) => seen.type === "ready");
    if (ready === undefined) throw new Error(`no recording of ${pack.provider} shows its composer`);
    const quoted = rule.anchors.map((words) => `  ${words}`);
    expect(ruleIdOf([...quoted, "", ...ready.rows], pack)).toBe(ruleIdOf(ready.rows, pack));
  });
});

const ready = rows.flatMap(({ id, rule, pack }) => (rule.type === "ready" ? [{ id, rule, pack }] : []));

/** Ready screens without a recording here. */
const drawn: Record<string, readonly string[]> = {
  "copilot/ready": ["─".repeat(20), "❯ ", "─".repeat(20), " plan · / commands"],
  "gemini/ready-in-box": [
    ...["╭────────────────────╮", "│ >   Type your message or @path/to/file │", "╰────────────────────╯"],
    " ~/proj     no sandbox (see /docs)     gemini-2.5-pro",
  ],
};

describe.each(ready)("near misses of $id", ({ rule, pack }: { rule: ReadyRule; pack: RulePack }) => {
  const recorded = screensOf(pack).map(({ rows }) => rows);
  const shown = [...recorded, drawn[rule.id] ?? []].filter((screen) => ruleIdOf(screen, pack) === rule.id);

  test("have a ready screen to start from", () => expect(shown).not.toEqual([]));

  test("are not ready with a changed status row", () => {
    const changed = shown.map((screen) => screen.map((row) => without(row, rule.status)));
    expect(changed.map((screen) => ruleIdOf(screen, pack))).not.toContain(rule.id);
  });

  test("are not ready with a text that the rule excludes", () => {
    const spoilt = (rule.without ?? []).map((words) => [`  ${words}`, ...(shown[0] ?? [])]);
    expect(spoilt.map((screen) => ruleIdOf(screen, pack))).not.toContain(rule.id);
  });
});

/** The row with its letters changed if one of these words is in it, compared without white space and case. */
const without = (row: string, words: readonly string[]): string => {
  const isIn = words.some((word) => compactOf(row).includes(compactOf(word)));
  return isIn ? row.replace(/[^\s─│╭╮╰╯]/gu, "#") : row;
};
const compactOf = (text: string): string => text.replace(/\s/gu, "").toLowerCase();
