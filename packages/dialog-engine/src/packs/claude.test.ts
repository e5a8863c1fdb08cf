import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explainCast } from "../recording/explain-cast.ts";
import { observe, type Observation } from "../rules/observe.ts";
import { startedIn } from "../node/recordings.fixture.ts";
import { parseCast } from "../recording/recording.ts";
import { claudePack } from "./claude.ts";
import { texts } from "../rules/screens.fixture.ts";
import type { RulePack } from "../rules/rule.ts";

/** What each recorded scenario shows, by hand, in the versions named; without versions: in all others. */
const expected: readonly { scenario: string; versions?: string[]; shows: string }[] = [
  { scenario: "trust", versions: ["0.2.126", "1.0.128", "2.0.37", "2.1.0"], shows: "trust-files ready" },
  { scenario: "trust", shows: "trust ready" },
  { scenario: "trust-unanswered", versions: ["0.2.126", "1.0.128", "2.0.37", "2.1.0"], shows: "trust-files" },
  { scenario: "trust-unanswered", shows: "trust" },
  { scenario: "protected", shows: "trust ready" },
  { scenario: "hooks", versions: ["1.0.128", "2.0.37", "2.1.0"], shows: "trust-files ready" },
  { scenario: "hooks", shows: "trust ready" },
  { scenario: "granted-permissions", versions: ["1.0.128", "2.0.37", "2.1.0"], shows: "trust-files ready" },
  { scenario: "granted-permissions", versions: ["2.1.50", "2.1.113"], shows: "trust ready" },
  { scenario: "granted-permissions", shows: "granted-permissions ready" },
  { scenario: "api-key", versions: ["1.0.128", "2.0.37"], shows: "api-key" },
  { scenario: "api-key", versions: ["2.1.0"], shows: "trust-files api-key" },
  { scenario: "api-key", shows: "trust api-key" },
  { scenario: "api-key-use", versions: ["1.0.128", "2.0.37"], shows: "api-key trust-files ready" },
  { scenario: "api-key-use", versions: ["2.1.0"], shows: "trust-files api-key ready" },
  { scenario: "api-key-use", shows: "trust api-key ready" },
  { scenario: "bypass", versions: ["0.2.126", "1.0.128", "2.0.37", "2.1.0", "2.1.50"], shows: "bypass" },
  { scenario: "bypass", shows: "trust bypass" },
  { scenario: "mcp", versions: ["0.2.126"], shows: "unknown" }, // "Yes, proceed with MCP servers enabled": two questions in one
  { scenario: "mcp", versions: ["1.0.128", "2.0.37", "2.1.0"], shows: "trust-files ready" },
  { scenario: "mcp", versions: ["2.1.50"], shows: "trust ready" },
  { scenario: "mcp", shows: "trust mcp-server" },
  {
    scenario: "imports",
    versions: ["0.2.126", "1.0.128", "2.0.37", "2.1.0"],
    shows: "trust-files external-imports",
  },
  { scenario: "imports", shows: "trust external-imports" },
  { scenario: "chain", versions: ["1.0.128", "2.0.37"], shows: "api-key trust-files external-imports ready" },
  { scenario: "chain", versions: ["2.1.0"], shows: "trust-files external-imports api-key ready" },
  { scenario: "chain", versions: ["2.1.50"], shows: "trust external-imports api-key ready" },
  { scenario: "chain", shows: "trust mcp-server external-imports api-key ready" },
  { scenario: "fresh", shows: "no-connection" },
  { scenario: "fresh-protected", shows: "theme" },
  { scenario: "ready", shows: "ready" },
  { scenario: "ax-screen-reader", shows: "trust (y/n)" },
];

const folder = new URL("../../../../test-fixtures/claude/", import.meta.url);
const recordings = readdirSync(folder).flatMap((file) => {
  const [, version, scenario] = /^claude-([\d.]+)-(.+)\.cast$/u.exec(file) ?? [];
  if (version === undefined || scenario === undefined) return [];
  const cast = parseCast(readFileSync(new URL(file, folder), "utf8"));
  if (!cast.ok) throw new Error(`${file}: ${cast.error.message}`);
  return [{ file, version, scenario, cast: cast.value }];
});

/** A screen that is cut off by the next piece of output is "unknown" for a moment: what follows says what it is. */
const shownIn = (cast: (typeof recordings)[number]["cast"], pack: RulePack = claudePack): string => {
  const names = explainCast(cast, pack, undefined, startedIn("claude")).map(({ seen }) => nameOf(seen));
  const settled = names.filter(
    (name, at) => name !== "nothing" && (name !== "unknown" || at === names.length - 1),
  );
  return settled.filter((name, at) => name !== settled[at - 1]).join(" ");
};

const nameOf = (seen: Observation): string => {
  if (seen.type === "yes-no") return `${seen.ruleId?.replace("claude/", "") ?? "unknown"} (y/n)`;
  return "rule" in seen ? seen.rule.id.replace("claude/", "") : seen.type;
};

describe("the Claude pack reads every recording of the real program", () => {
  test.each(recordings)("$file", ({ version, scenario, cast }) => {
    const row = expected.find(
      (row) => row.scenario === scenario && (row.versions?.includes(version) ?? true),
    );
    expect(shownIn(cast)).toBe(row?.shows ?? `no row is written for "${scenario}"`);
  });

  const recorded = claudePack.rules.filter(
    ({ seenIn, id }) => !seenIn.join().includes("bundle") && !id.match(/sign-in|theme/u),
  );
  test.each(recorded)("without the rule $id a recording is read otherwise", ({ id }) => {
    const without = { ...claudePack, rules: claudePack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast))).toBe(true);
  });
});

/** Screens that no recording here shows: they need a network or an account, or stand in the shipped bundle. */
const drawn: readonly { title: string; screen: string; seen: string }[] = [
  {
    title: "the theme picker of a fresh profile",
    screen:
      " Choose the text style that looks best with your terminal\n\n ❯ ✔ Auto (match terminal)\n     Dark mode",
    seen: "theme",
  },
  {
    title: "the sign-in picker",
    screen:
      " Select login method:\n\n ❯ 1. Claude account with subscription\n   2. Anthropic Console account",
    seen: "sign-in",
  },
  { title: "the sign-in code", screen: " Paste code here if prompted >", seen: "sign-in-code" },
  {
    title: "the sign-in of 0.2.9",
    screen: " Press Enter to login to your Anthropic Console account…",
    seen: "sign-in-console",
  },
  {
    title: "a long session",
    screen:
      "────────────────────\n  This session is 3h old and 120k tokens.\n  Resuming the full session uses a lot of your usage limits. Resuming from a summary uses less.\n\n  ❯ 1. Resume from summary (instant, recommended)\n    2. Resume full session as-is\n    3. Don't ask again",
    seen: "resume-session",
  },
  {
    title: "an inactive conversation",
    screen:
      "────────────────────\n Resume this conversation?\n This conversation has been inactive for 2h and is 90k tokens long. Resuming it will use about 12% of your 5-hour usage limit.\n\n ❯ Resume\n   Start a new conversation\n   Resume from summary",
    seen: "resume-conversation",
  },
  {
    title: "a rate limit",
    screen:
      "────────────────────\n What do you want to do?\n\n ❯ 1. Stop and wait for limit to reset\n   2. Upgrade your plan",
    seen: "rate-limit",
  },
  {
    title: "near miss: trust with an option that nobody wrote down",
    screen:
      " Accessing workspace:\n Quick safety check: Is this yours?\n\n ❯ No, exit\n   Yes, I trust this folder\n   Yes, and every folder beside it\n\n Enter to confirm",
    seen: "unknown",
  },
  {
    title: "near miss: trust whose question is another one",
    screen:
      " Accessing workspace:\n Quick check: Is this yours?\n\n ❯ No, exit\n   Yes, I trust this folder\n\n Enter to confirm",
    seen: "unknown",
  },
  {
    title: "near miss: Gemini's trust dialog has the same title as Claude's old one",
    screen:
      " Do you trust the files in this folder?\n Trusting a folder allows Gemini CLI to load\n\n ● 1. Trust folder (proj)\n   2. Trust parent folder (w)\n   3. Don't trust",
    seen: "unknown",
  },
  {
    title: "near miss: the banner alone is not ready",
    screen: " Claude Code v2.1.328\n\n❯ \n",
    seen: "nothing",
  },
  {
    title: "near miss: a composer without a status line is not ready",
    screen: "────────────────────\n❯ \n────────────────────",
    seen: "nothing",
  },
  {
    title: "near miss: the bypass mode in the status line is no question",
    screen: "────────────────────\n❯ \n────────────────────\n  ⏵⏵ bypass permissions on (shift+tab to cycle)",
    seen: "ready",
  },
  {
    title: "a dialog above a composer that was not answered beats it",
    screen: [
      ...texts.trust(),
      "\n ❯ No, exit\n   Yes, I trust this folder\n",
      texts.confirm,
      "────────────────────\n❯ \n────────────────────\n  ? for shortcuts",
    ].join("\n"),
    seen: "trust",
  },
];

describe("the Claude pack reads", () => {
  test.each(drawn)("$title", ({ screen, seen }) => {
    expect(nameOf(observe(screen.split("\n"), claudePack))).toBe(seen);
  });
});
