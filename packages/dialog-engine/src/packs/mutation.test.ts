import process from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Consents } from "../consents.ts";
import { driveDialogs } from "../drive/drive-dialogs.ts";
import { explainCast } from "../recording/explain-cast.ts";
import type { Dialog } from "../locate/locate-dialog.ts";
import { recordingsOf, startedIn } from "../node/recordings.fixture.ts";
import { claudePack } from "./claude.ts";
import { codexPack } from "./codex.ts";
import { copilotPack } from "./copilot.ts";
import { geminiPack } from "./gemini.ts";
import { kimiPack } from "./kimi.ts";
import { piPack } from "./pi.ts";
import { qwenPack } from "./qwen.ts";
import { observe, type Observation } from "../rules/observe.ts";
import type { RulePack } from "../rules/rule.ts";
import type { StartedFolder } from "../wording/shown-folder.ts";
import { createFakeTui, type FakePiece, type FakeScreen } from "../testing/fake-tui.ts";
import { createManualClock } from "../testing/manual-clock.ts";

type Facts = {
  readonly words: readonly string[];
  readonly answers: Record<string, string[]>;
  /** Parts of labels that differ from folder to folder: no letter of these is changed. */
  readonly varies?: readonly string[];
  /** The dialog names its folder, which must then be the started folder. */
  readonly isAboutFolder?: true;
  /** One Enter only: if the program loses it, the question stays. */
  readonly isAskedOnce?: true;
};

/**
 * A person's description of each dialog, independent of the rules: the words that identify the
 * question, and the option of each answer. A confirmation is wrong if it is on any other option. If one of these
 * words is missing, every key is wrong.
 */
const known: Record<string, Facts> = {
  "claude/trust": {
    isAboutFolder: true,
    words: ["Accessing workspace:", "Quick safety check", "Enter to confirm"],
    answers: { accept: ["Yes, I trust this folder"] },
  },
  "claude/trust-files": {
    isAboutFolder: true,
    words: ["Do you trust the files in this folder?", "Claude Code may read", "Enter to confirm"],
    answers: { accept: ["Yes, proceed"] },
  },
  "claude/granted-permissions": {
    isAboutFolder: true,
    words: ["Accessing workspace:", "pre-approves", "Enter to confirm"],
    answers: {
      accept: ["Yes, I trust this folder"],
      refuse: ["No, exit", "No, continue without these permissions"],
    },
  },
  "claude/api-key": {
    words: [
      "Detected a custom API key in your environment",
      "Do you want to use this API key?",
      "Enter to confirm",
    ],
    answers: { use: ["Yes"], refuse: ["No (recommended)"] },
  },
  "claude/mcp-server": {
    words: ["New MCP server found in", "Enter to confirm"],
    answers: { use: ["Use this MCP server"], refuse: ["Continue without using this MCP server"] },
  },
  "claude/mcp-servers": {
    words: ["new MCP servers found in", "Select any you wish to enable.", "Esc to reject all"],
    answers: { use: ["Enable selected"] },
    varies: ["one", "two", "three"],
  },
  "claude/mcp-servers-at-once": {
    words: ["new MCP servers found in", "Select any you wish to enable.", "Enter to confirm"],
    answers: { use: ["[✔] one", "[✔] two", "[✔] three"] },
    varies: ["one", "two", "three"],
  },
  "claude/external-imports": {
    words: ["Allow external CLAUDE.md file imports?", "Enter to confirm"],
    answers: { allow: ["Yes, allow external imports"], refuse: ["No, disable external imports"] },
  },
  "claude/bypass": {
    words: [
      "Claude Code running in Bypass Permissions mode",
      "you accept all responsibility",
      "Enter to confirm",
    ],
    answers: { accept: ["Yes, I accept"], refuse: ["No, exit"] },
  },
  "claude/auto-mode-default": {
    words: ["Make auto mode your default permission mode?"],
    answers: {
      set: ["Yes, set auto mode as my default permission mode"],
      keep: ["No, keep bypass permissions"],
    },
  },
  "claude/resume-session": {
    words: ["This session is", "Resuming the full session will consume"],
    answers: { summary: ["Resume from summary (recommended)"] },
    isAskedOnce: true,
  },
  "claude/resume-conversation": {
    words: [
      "Resume this conversation?",
      "has been inactive for",
      "Resuming it will use about",
      "Enter to confirm",
    ],
    answers: { new: ["Start a new conversation"], summary: ["Resume from summary"] },
    isAskedOnce: true,
  },
  "codex/session-directory": {
    isAboutFolder: true,
    words: ["Choose working directory to resume this session", "Session =", "Press enter to continue"],
    answers: {
      session: ["Use session directory (/srv/shop)"],
      current: ["Use current directory (/opt/h/home/w/proj)"],
    },
    varies: ["srv/shop)"],
  },
  "codex/update": {
    words: ["Update available!", "Release notes:", "Press enter to continue"],
    answers: { skip: ["Skip"] },
    varies: ["(runs `npm install -g @openai/codex`)"],
  },
  "codex/update-brief": {
    words: ["Update available ·", "Release notes:", "enter continue"],
    answers: { skip: ["Skip"] },
    varies: ["(runs `npm install -g @openai/codex`)"],
  },
  "codex/trust-git": {
    isAboutFolder: true,
    words: ["You are running Codex in", "Since this folder is version controlled", "Press enter to continue"],
    answers: { accept: ["Yes, allow Codex to work in this folder without asking for approval"] },
  },
  "codex/trust-plain": {
    isAboutFolder: true,
    words: [
      "You are running Codex in",
      "Since this folder is not version controlled",
      "Press enter to continue",
    ],
    answers: { accept: ["Allow Codex to work in this folder without asking for approval"] },
  },
  "codex/trust-contents": {
    isAboutFolder: true,
    words: ["You are in", "Do you trust the contents of this directory?", "Press enter to continue"],
    answers: { accept: ["Yes, continue"] },
  },
  "codex/trust-folder": {
    isAboutFolder: true,
    words: ["Folder access", "Trust this folder? Codex can", "enter continue"],
    answers: { accept: ["Trust and continue"] },
  },
  "codex/model-migration": {
    words: [
      "Codex just got an upgrade.",
      "Choose how you'd like Codex to proceed.",
      "press enter to confirm",
    ],
    answers: { keep: ["Use existing model"], switch: ["Try new model"] },
  },
  "gemini/trust": {
    isAboutFolder: true,
    words: ["Do you trust the files in this folder?", "Trusting a folder allows Gemini CLI to load"],
    answers: { accept: ["Trust folder (proj)"] },
    varies: ["(proj)", "(w)"],
    isAskedOnce: true,
  },
  "qwen/trust": {
    isAboutFolder: true,
    words: ["Do you trust this folder?", "Trusting a folder allows Qwen Code to"],
    answers: { accept: ["Trust folder (proj)"] },
    varies: ["(proj)", "(w)"],
    isAskedOnce: true,
  },
  "copilot/trust": {
    isAboutFolder: true,
    words: ["Confirm folder trust", "Do you trust the files in this folder?", "enter to select"],
    answers: { accept: ["Yes, and remember this folder for future sessions"] },
  },
  "kimi/trust": {
    isAboutFolder: true,
    words: ["Trust this folder?", "Enter select"],
    answers: { accept: ["Trust this folder"] },
  },
  "pi/trust": {
    isAboutFolder: true,
    words: ["Trust project folder?", "This allows pi to load", "enter select"],
    answers: { accept: ["Trust"] },
    varies: ["(/tmp/h/home/w)"],
  },
  "pi/trust-instructions": {
    isAboutFolder: true,
    words: ["Trust project folder?", "This allows pi to read project instructions", "enter select"],
    answers: { accept: ["Trust"] },
  },
};

const rule = "─".repeat(100);

/** Each pack with its program's composer, which may be shown before a dialog. */
const packs: readonly { readonly pack: RulePack; readonly ready: readonly string[] }[] = [
  { pack: claudePack, ready: ["", rule, "❯ ", rule, "  ? for shortcuts"] },
  { pack: codexPack, ready: ["", "› Ask Codex to do anything", "", "  ? for shortcuts"] },
  {
    pack: geminiPack,
    ready: [
      "",
      " >   Type your message or @path/to/file",
      "",
      " workspace (/directory)   no sandbox   /model",
    ],
  },
  { pack: copilotPack, ready: [rule, "❯ ", rule, " / commands · ? help · tab next tab"] },
  { pack: qwenPack, ready: [rule, ">   Type your message or @path/to/file", rule, "  ? for shortcuts"] },
  { pack: kimiPack, ready: [rule, " > ", rule, " context: 0%"] },
  { pack: piPack, ready: [rule, "", rule, "/w/proj", "0.0%/0 (auto)        unknown"] },
];

type Fixture = {
  readonly name: string;
  readonly pack: RulePack;
  readonly ready: readonly string[];
  readonly ruleId: string;
  readonly kind: string;
  readonly rows: readonly string[];
  readonly started: StartedFolder;
  readonly dialog: Dialog & { readonly pointed: number };
};

/** Dialogs that need an account or a network, drawn from the words in their rules. */
const drawn: Readonly<Record<string, readonly (readonly string[])[]>> = {
  claude: [
    [
      rule,
      "  Make auto mode your default permission mode?",
      "",
      "  Auto mode lets Claude handle permission prompts automatically. Claude checks each tool call for risky actions and",
      "  prompt injection before executing, runs the ones it assesses as lower-risk, and blocks the rest.",
      "",
      "  ❯ Yes, set auto mode as my default permission mode",
      "    No, keep bypass permissions",
    ],
    [
      rule,
      "  This session is 8h 38m old and 117.6k tokens.",
      "",
      "  Resuming the full session will consume a substantial portion of your usage limits. We recommend resuming from a",
      "  summary.",
      "",
      "  ❯ 1. Resume from summary (recommended)",
      "    2. Resume full session as-is",
      "    3. Don't ask me again",
      "",
      "  Enter to confirm · Esc to cancel",
    ],
    [
      rule,
      "  Resume this conversation?",
      "",
      "  This conversation has been inactive for 2h and is 90k tokens long.",
      "  Resuming it will use about 12% of your 5-hour usage limit.",
      "",
      "  ❯ Resume",
      "    Start a new conversation",
      "    Resume from summary",
      "",
      "  Enter to confirm · Esc to resume",
    ],
  ],
  codex: [
    [
      "Choose working directory to resume this session",
      "",
      "  Session = latest cwd recorded in the resumed session",
      "  Current = your current working directory",
      "",
      "› 1. Use session directory (/srv/shop)",
      "  2. Use current directory (/opt/h/home/w/proj)",
      "  3. Always use session directory",
      "  4. Always use current directory",
      "",
      "  Press enter to continue",
    ],
  ],
};

const screensOfPack = (
  pack: RulePack,
): { readonly name: string; readonly rows: readonly string[]; readonly seen: Observation }[] => [
  ...recordingsOf(pack.provider).flatMap(({ file, cast }) =>
    explainCast(cast, pack).map(({ rows, seen }) => ({ name: file, rows, seen })),
  ),
  ...(drawn[pack.provider] ?? []).map((said) => {
    const rows = [...said, ...Array<string>(40 - said.length).fill("")];
    return { name: "drawn", rows, seen: observe(rows, pack) };
  }),
];

/** Every dialog in every recording that a rule answers, with the program's own pointer. */
const fixtures: Fixture[] = packs
  .flatMap(({ pack, ready }) =>
    screensOfPack(pack).flatMap(({ name, rows, seen }) => {
      if (seen.type !== "select" || seen.dialog.pointed === null) return [];
      const dialog = { ...seen.dialog, pointed: seen.dialog.pointed };
      const started = startedIn(pack.provider);
      return [{ name, pack, ready, ruleId: seen.rule.id, kind: seen.rule.kind, rows, started, dialog }];
    }),
  )
  .filter((fixture, at, all) => all.findIndex(({ rows }) => rows.join() === fixture.rows.join()) === at);

type Mutation = {
  readonly order: readonly number[];
  readonly numbers: "kept" | "none" | "shifted";
  readonly pointed: number;
  readonly reword: {
    readonly what: "nothing" | "word" | "option";
    readonly which: number;
    readonly at: number;
  };
  readonly keepRows: number | null;
  readonly cuts: readonly { readonly at: number; readonly afterMs: number }[];
  readonly deadWindowMs: number;
  readonly remountAtMs: readonly number[];
  readonly lateMs: number | null;
  readonly answer: number;
  /** A sentence to add, and the row of the dialog before which it goes. */
  readonly added: { readonly sentence: string; readonly at: number } | null;
  /** The started folder, if it differs from the folder in the dialog. */
  readonly elsewhere: string | null;
};

const sentences = [
  "and ALL PARENT FOLDERS, run every command",
  "This will apply to every folder on this machine.",
  "Delete all files?",
  "Accessing workspace:",
  "Do you trust the files in this folder?",
  "Security guide",
  "Enter to confirm · Esc to cancel",
  "Press enter to continue",
  "/etc and all below it",
  "x",
];

/** Folders that look like the recording's folder but are not. */
const elsewhere = ({ path, home = "" }: StartedFolder): string[] => [
  ...["/", "/etc", home, `${home}/w`, `${home}/w/other`, `${home}/w/Proj`],
  ...[`${path}/sub`, `${path}2`, path.slice(0, -1), path.replace("/proj", "/p roj"), `${path}…`],
];

const mutationOf = ({ dialog, rows, started }: Fixture): fc.Arbitrary<Mutation> =>
  fc.record({
    order: fc.shuffledSubarray(
      dialog.options.map((_, at) => at),
      { minLength: dialog.options.length },
    ),
    numbers: fc.constantFrom("kept", "none", "shifted"),
    pointed: fc.nat({ max: dialog.options.length - 1 }),
    reword: fc.oneof(
      { weight: 2, arbitrary: fc.constant({ what: "nothing" as const, which: 0, at: 0 }) },
      {
        weight: 1,
        arbitrary: fc.record({
          what: fc.constantFrom("word" as const, "option" as const),
          which: fc.nat({ max: 5 }),
          at: fc.nat({ max: 60 }),
        }),
      },
    ),
    keepRows: fc.option(fc.nat({ max: rows.length }), { freq: 3, nil: null }),
    cuts: fc.array(fc.record({ at: fc.nat({ max: 4_000 }), afterMs: fc.nat({ max: 30 }) }), { maxLength: 6 }),
    deadWindowMs: fc.constantFrom(0, 50, 150, 300),
    remountAtMs: fc.array(fc.integer({ min: 1, max: 1_200 }), { maxLength: 3 }),
    lateMs: fc.option(fc.integer({ min: 1, max: 1_500 }), { freq: 3, nil: null }),
    answer: fc.nat({ max: 1 }),
    added: fc.option(
      fc.record({
        sentence: fc.constantFrom(...sentences),
        at: fc.integer({ min: dialog.top, max: lastTextOf(rows, dialog) }),
      }),
      { freq: 4, nil: null },
    ),
    elsewhere: fc.option(fc.constantFrom(...elsewhere(started)), { freq: 4, nil: null }),
  });

/** The last row of the dialog with text. */
const lastTextOf = (rows: readonly string[], dialog: Dialog): number =>
  rows.findLastIndex((row, at) => at <= dialog.bottom && /[^\s│╰─╯]/u.test(row));

describe("0 wrong confirmations under mutation", () => {
  const runs = Number(process.env["GATEHOUSE_MUTATIONS"] ?? 5_000);
  const each = Math.ceil(runs / Math.max(fixtures.length, 1));

  test("have a fixture for every dialog that a person described", () => {
    const covered = new Set(fixtures.map(({ ruleId }) => ruleId));
    expect([...covered].sort()).toEqual(Object.keys(known).sort());
  });

  test("have a person's description of every dialog that a rule answers", () => {
    const answered = packs.flatMap(({ pack }) => pack.rules.filter(({ type }) => type === "select"));
    expect(answered.map(({ id }) => id).sort()).toEqual(Object.keys(known).sort());
  });

  test.each(fixtures.map((fixture) => ({ ...fixture, title: `${fixture.name} ${fixture.ruleId}` })))(
    "$title",
    { tags: ["soak"] },
    async (fixture) => {
      await fc.assert(
        fc.asyncProperty(mutationOf(fixture), async (mutation) => {
          const problem = await tryMutation(fixture, mutation);
          expect(problem).toBeNull();
        }),
        { numRuns: each },
      );
    },
  );
});

/** Runs the engine on the mutated screen. Returns the problem, or null. */
const tryMutation = async (fixture: Fixture, mutation: Mutation): Promise<string | null> => {
  const facts = known[fixture.ruleId];
  if (!facts) return `no facts are written down for ${fixture.ruleId}`;
  const offered = Object.keys(facts.answers);
  const answer = offered[mutation.answer % offered.length] ?? "";
  const labels = mutation.order.map((at) => fixture.dialog.options[at]?.label ?? "");
  const draw = (pointed: number): string[] => mutated(fixture, mutation, facts, pointed);
  const isMeant = mutation.elsewhere === null || !facts.isAboutFolder;
  const isWhole =
    mutation.reword.what === "nothing" &&
    mutation.added === null &&
    keepsWhatMatters(fixture, mutation, facts.words);
  const isKnown = isMeant && isWhole;

  const clock = createManualClock();
  const tui = createFakeTui(screensOf(fixture, mutation, draw, labels), clock, pieces(mutation));
  let prove: (() => void) | undefined;
  const result = await clock.runUntil(
    driveDialogs({
      terminal: tui.terminal,
      clock,
      pack: fixture.pack,
      consents: { [fixture.kind]: answer } as Consents,
      folder: { ...fixture.started, path: mutation.elsewhere ?? fixture.started.path },
      until: "proof",
      limits: { phaseMs: 6_000, totalMs: 6_000 },
      watchProof: (onProven) => {
        prove = onProven;
        return () => undefined;
      },
      onEvent: (event) => {
        if (event.type === "key") clock.after(1, () => tui.log.confirmed.length > 0 && prove?.());
      },
    }),
  );

  const wanted = facts.answers[answer] ?? [];
  const wrong = tui.log.confirmed.find(
    ({ screen, option }) => screen !== "dialog" || !wanted.includes(option),
  );
  if (wrong) return `confirmed "${wrong.option}" on ${wrong.screen}`;
  if (!isKnown && tui.log.keys.length > 0)
    return `pressed ${JSON.stringify(tui.log.keys)} on a screen no rule knows`;
  const isLost =
    facts.isAskedOnce === true && tui.log.keys.some(({ data, isLost }) => isLost && data === "\r");
  if (isKnown && !isLost && tui.log.confirmed.length === 0)
    return `never confirmed: ${result.outcome}, ${result.keys} keys`;
  return null;
};

const screensOf = (
  { pack, ready }: Fixture,
  mutation: Mutation,
  draw: FakeScreen["draw"],
  labels: readonly string[],
): FakeScreen[] => {
  const dialog: FakeScreen = {
    id: "dialog",
    draw,
    options: labels,
    pointed: mutation.pointed,
    deadWindowMs: mutation.deadWindowMs,
    remountAtMs: mutation.remountAtMs,
    confirm: () => ({ show: "done" }),
  };
  const done: FakeScreen = { id: "done", draw: () => [], options: [] };
  if (mutation.lateMs === null) return [dialog, done];
  const then = { afterMs: Math.min(mutation.lateMs, pack.readyStandsMs - 1), show: "dialog" };
  return [{ id: "ready", draw: () => ready, options: [], then }, dialog, done];
};

/**
 * The fixture's screen with its options in another order, the pointer elsewhere, words changed, rows missing.
 */
const mutated = (
  fixture: Fixture,
  mutation: Mutation,
  { words, varies = [] }: Facts,
  pointed: number,
): string[] => {
  const { dialog } = fixture;
  const rows = [...fixture.rows];
  const shape = shapeOf(fixture);
  mutation.order.forEach((from, at) => {
    const label = rewordOption(dialog.options[from]?.label ?? "", mutation, at, varies);
    const number =
      shape.numbered && mutation.numbers !== "none"
        ? `${at + (mutation.numbers === "shifted" ? 4 : 1)}. `
        : "";
    const row = dialog.options[at]?.row ?? 0;
    rows[row] =
      `${shape.before}${pointed === at ? shape.glyph : " "}${shape.gap}${number}${label}`.padEnd(
        shape.width,
      ) + shape.after;
  });
  const { reword } = mutation;
  if (reword.what === "word") {
    const word = words[reword.which % words.length] ?? "";
    const at = rows.findLastIndex((row) => row.includes(word));
    rows[at] = (rows[at] ?? "").replace(word, changed(word, reword.at));
  }
  if (mutation.added !== null) return withAdded(rows, mutation.added, shape);
  return mutation.keepRows === null ? rows : rows.slice(0, mutation.keepRows);
};

/** Adds a row. The screen keeps its height: a row without text is removed. */
const withAdded = (
  rows: readonly string[],
  { sentence, at }: NonNullable<Mutation["added"]>,
  { before, width, after }: ReturnType<typeof shapeOf>,
): string[] => {
  const row = `${before} ${sentence}`.padEnd(width) + after;
  const more = rows.toSpliced(at, 0, row);
  const last = more.findLastIndex((text) => text.trim() !== "");
  return last < rows.length ? more.slice(0, rows.length) : more.slice(1);
};

const rewordOption = (
  label: string,
  { reword, order }: Mutation,
  at: number,
  varies: readonly string[],
): string => {
  if (reword.what !== "option" || reword.which % order.length !== at) return label;
  const end = varies.find((part) => label.endsWith(part)) ?? "";
  return changed(label.slice(0, label.length - end.length), reword.at) + end;
};

/** Changes one letter or digit. */
const changed = (text: string, at: number): string => {
  const places = [...text].flatMap((character, place) => (/\w/u.test(character) ? [place] : []));
  const place = places[at % places.length] ?? 0;
  return `${text.slice(0, place)}#${text.slice(place + 1)}`;
};

const keepsWhatMatters = (
  { rows, dialog }: Fixture,
  { keepRows }: Mutation,
  words: readonly string[],
): boolean => {
  if (keepRows === null) return true;
  const last = Math.max(
    ...words.map((word) => rows.findLastIndex((row) => row.includes(word))),
    ...dialog.options.map(({ row }) => row),
  );
  return keepRows > last;
};

const shapeOf = ({ rows, dialog }: Fixture) => {
  const row = rows[dialog.options[dialog.pointed]?.row ?? 0] ?? "";
  const [, before = "", glyph = "", gap = "", number] = /^([\s│]*)([❯›>●→])(\s+)(\d+\.\s)?/u.exec(row) ?? [];
  const after = /│\s*$/u.exec(row)?.[0] ?? "";
  return { before, glyph, gap, after, width: row.length - after.length, numbered: number !== undefined };
};

const pieces =
  ({ cuts }: Mutation) =>
  (frame: string): FakePiece[] => {
    const places = [...new Set(cuts.map(({ at }) => at % frame.length))].sort((a, b) => a - b);
    const starts = [0, ...places.filter((place) => place > 0)];
    return starts.map((start, piece) => ({
      data: frame.slice(start, starts[piece + 1]),
      afterMs: piece === 0 ? 0 : (cuts[piece - 1]?.afterMs ?? 0),
    }));
  };
