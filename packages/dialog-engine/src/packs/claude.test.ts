import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explainCast } from "../recording/explain-cast.ts";
import { observe, type Observation } from "../rules/observe.ts";
import { startedIn } from "../node/recordings.fixture.ts";
import { parseCast } from "../recording/recording.ts";
import { claudePack } from "./claude.ts";
import { texts } from "../rules/screens.fixture.ts";
import type { RulePack } from "../rules/rule.ts";

/** The screens of each recorded scenario, written by hand, in the named versions; without versions: in all others. */
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
  { scenario: "mcp-several", versions: ["2.1.197"], shows: "trust mcp-servers-at-once" },
  { scenario: "mcp-several", shows: "trust mcp-servers" },
  { scenario: "mcp-several-use", versions: ["2.1.197"], shows: "trust mcp-servers-at-once ready" },
  { scenario: "mcp-several-use", shows: "trust mcp-servers ready" },
  { scenario: "continue", shows: "ready" },
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

/**
 * A screen that the next piece of output completes is "unknown" for a moment. The screen after it
 * identifies it.
 */
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
    ({ seenIn, id }) => !/bundle|captures/u.test(seenIn.join()) && !id.match(/sign-in|theme/u),
  );
  test.each(recorded)("reads a recording differently without the rule $id", ({ id }) => {
    const without = { ...claudePack, rules: claudePack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast))).toBe(true);
  });
});

const autoModeOffer =
  "────────────────────\n  Make auto mode your default permission mode?\n\n  Auto mode lets Claude handle permission prompts automatically. Claude checks each tool call for risky actions and prompt injection before executing, runs the ones it assesses as lower-risk, and blocks the rest.\n";

const severalServers = (first: string, last: string): string =>
  `────────────────────\n  2 new MCP servers found in this project\n  Select any you wish to enable.\n\n  MCP servers may execute code or access system resources. All tool calls require approval. Learn more in the MCP documentation.\n\n    ${first} one\n    [✔] two\n  ${last}\n Space to select · Esc to reject all`;

/**
 * Screens without a recording here: they need a network or an account, or were read in the shipped bundle.
 */
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
    title: "a long session, in the wording of other projects' captures",
    screen:
      "────────────────────\n  This session is 8h 38m old and 117.6k tokens.\n  Resuming the full session will consume a substantial portion of your usage limits. We recommend resuming from a summary.\n\n  ❯ 1. Resume from summary (recommended)\n    2. Resume full session as-is\n    3. Don't ask me again\n\n  Enter to confirm · Esc to cancel",
    seen: "resume-session",
  },
  {
    title: "near miss: a long session whose third option is not drawn yet",
    screen:
      "────────────────────\n  This session is 8h 38m old and 117.6k tokens.\n  Resuming the full session will consume a substantial portion of your usage limits. We recommend resuming from a summary.\n\n  ❯ 1. Resume from summary (recommended)\n    2. Resume full session as-is",
    seen: "unknown",
  },
  {
    title: "near miss: a long session with an unlisted option",
    screen:
      "────────────────────\n  This session is 8h 38m old and 117.6k tokens.\n  Resuming the full session uses a lot of your usage limits. Resuming from a summary uses less.\n\n  ❯ 1. Resume from summary (and delete the session)\n    2. Resume full session as-is\n    3. Don't ask again",
    seen: "unknown",
  },
  {
    title: "the offer of auto mode as a default, from the bundle of 2.1.328",
    screen: `${autoModeOffer}\n  ❯ Yes, set auto mode as my default permission mode\n    No, keep don't ask`,
    seen: "auto-mode-default",
  },
  {
    title: "the same with digits and a footer, above the composer, as 2.1.286 was captured",
    screen:
      "────────────────────\n Make auto mode your default permission mode?\n\n ❯ 1. Yes, set auto mode as my default permission mode\n   2. No, keep the current mode\n\n Enter to confirm · Esc to cancel\n────────────────────\n❯ \n────────────────────\n  ? for shortcuts",
    seen: "auto-mode-default",
  },
  {
    title: "near miss: the offer of another default",
    screen:
      "────────────────────\n  Make bypass mode your default permission mode?\n\n  ❯ Yes, set auto mode as my default permission mode\n    No, keep don't ask",
    seen: "unknown",
  },
  {
    title: "near miss: the offer with an unlisted refusal",
    screen: `${autoModeOffer}\n  ❯ Yes, set auto mode as my default permission mode\n    No, keep nothing`,
    seen: "unknown",
  },
  {
    title: "near miss: the offer with one more sentence",
    screen: `${autoModeOffer}  It also deletes your settings.\n\n  ❯ Yes, set auto mode as my default permission mode\n    No, keep don't ask`,
    seen: "unknown",
  },
  {
    title: "near miss: one of several servers is not ticked",
    screen: severalServers("[ ]", "❯    Enable selected"),
    seen: "unknown",
  },
  { title: "several servers", screen: severalServers("[✔]", "❯    Enable selected"), seen: "mcp-servers" },
  {
    title: "near miss: several servers with another confirming row",
    screen: severalServers("[✔]", "❯    Enable selected, now and later"),
    seen: "unknown",
  },
  {
    title: "the wizard that offers to learn the environment",
    screen:
      "────────────────────\n  Teach auto mode about your environment?\n\n  Auto mode works better when it knows your environment. Takes about a minute.\n\n  ❯ 1. Yes\n    2. Not now\n    3. Don't show again\n\n  Enter to confirm · Esc to cancel\n────────────────────\n❯ \n────────────────────",
    seen: "auto-mode-setup",
  },
  {
    title: "its second page: check rows, and one option to go on",
    screen:
      "────────────────────\n  Teach auto mode about your environment?\n\n  How you use Claude here ◀ Mixed ▶\n  [✔] This repository\n\n  ❯ Continue\n\n  ←/→ to change usage · Enter to continue · Esc to cancel",
    seen: "auto-mode-setup",
  },
  {
    title: "the notes after a first sign-in",
    screen:
      " Security notes:\n\n  1. Claude can make mistakes\n  2. Due to prompt injection risks, only use it with code you trust\n\n Press Enter to continue…",
    seen: "security-notes",
  },
  { title: "a finished sign-in", screen: " Login successful. Press Enter to continue…", seen: "signed-in" },
  {
    title: "a question that only names its keys",
    screen: " The update has finished.\n\n Press Enter to continue…",
    seen: "unknown",
  },
  {
    title: "near miss: the keys of a program at work",
    screen: " Working… (esc to interrupt)\n\n Press Ctrl+C again to exit",
    seen: "nothing",
  },
  {
    title: "near miss: named keys in a transcript above the composer",
    screen:
      "● Press Enter to continue, it said.\n\n────────────────────\n❯ \n────────────────────\n  ? for shortcuts",
    seen: "ready",
  },
  {
    title: "no space behind the digit, at 28 columns",
    screen: " New MCP server\n\n ❯ 1. Use this MCP server\n   2.Use this and all\n   3.Go on without it",
    seen: "unknown",
  },
  {
    title: "manual mode",
    screen: "────────────────────\n❯ \n────────────────────\n  ⏸ manual mode on · ← for agents",
    seen: "ready",
  },
  {
    title: "near miss: the composer of claude agents",
    screen:
      "────────────────────\n❯ describe a task for a new session\n────────────────────\n  ⏸ manual mode on · ← for agents",
    seen: "nothing",
  },
  {
    title: "near miss: the search in the history",
    screen: "────────────────────\n❯ search prompts:\n────────────────────\n  ⏸ manual mode on",
    seen: "nothing",
  },
  {
    title: "an inactive conversation",
    screen:
      "────────────────────\n Resume this conversation?\n This conversation has been inactive for 2h and is 90k tokens long. Resuming it will use about 12% of your 5-hour usage limit.\n\n ❯ Resume\n   Start a new conversation\n   Resume from summary\n\n Enter to confirm · Esc to resume",
    seen: "resume-conversation",
  },
  {
    title: "an inactive conversation without a summary",
    screen:
      "────────────────────\n Resume this conversation?\n This conversation has been inactive for 2h and is 90k tokens long. Resuming it will use about 12% of your 5-hour usage limit.\n\n ❯ Resume\n   Start a new conversation\n\n Enter to confirm · Esc to dismiss",
    seen: "resume-conversation",
  },
  {
    title: "near miss: an inactive conversation whose list is not drawn to its end",
    screen:
      "────────────────────\n Resume this conversation?\n This conversation has been inactive for 2h and is 90k tokens long. Resuming it will use about 12% of your 5-hour usage limit.\n\n ❯ Resume from summary\n   Resume",
    seen: "unknown",
  },
  {
    title: "a rate limit",
    screen:
      "────────────────────\n What do you want to do?\n\n ❯ 1. Stop and wait for limit to reset\n   2. Upgrade your plan",
    seen: "rate-limit",
  },
  {
    title: "near miss: trust with an unlisted option",
    screen:
      " Accessing workspace:\n Quick safety check: Is this yours?\n\n ❯ No, exit\n   Yes, I trust this folder\n   Yes, and every folder beside it\n\n Enter to confirm",
    seen: "unknown",
  },
  {
    title: "near miss: trust with another question",
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
    title: "near miss: the bypass mode in the status line",
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

const framed = ["────────────────────", "❯ ", "────────────────────"];
const composer = [...framed, "  ? for shortcuts"];
const offer = [
  "────────────────────",
  "  Try the new thing?",
  "",
  "  ❯ 1. Yes, try it",
  "    2. Not now",
  "",
  "  Enter to confirm · Esc to cancel",
];

/**
 * Rows above a composer, as itsdestin/youcoded and usestring/gate-inbox captured them from Claude
 * Code 2.1.281 - 2.1.286. The real program also draws an offer there.
 */
const aboveComposer: readonly { title: string; screen: readonly string[]; seen: string }[] = [
  {
    title: "a command and its outcome",
    screen: ["❯ /compact", "  ⎿  Compacted (ctrl+o to see full summary)", "", ...composer],
    seen: "ready",
  },
  {
    title: "a prompt of two lines that was sent",
    screen: ["❯ Fix the bug", "  and run the tests", "", "● Done.", "", ...composer],
    seen: "ready",
  },
  {
    title: "the notice that 2.1.285 draws a second after a plain start",
    screen: [
      "● Auto mode lets Claude handle permission prompts automatically — Claude checks each tool",
      "  call for risky actions and prompt injection before executing.",
      "",
      ...composer,
    ],
    seen: "ready",
  },
  {
    title: "a tool that was interrupted",
    screen: ["● Bash(npm test)", "  ⎿  Interrupted · What should Claude do instead?", "", ...composer],
    seen: "ready",
  },
  {
    title: "a draft of two lines in the composer itself",
    screen: [framed[0] ?? "", "❯ Fix the bug", "  and run the tests", ...composer.slice(2)],
    seen: "ready",
  },
  {
    title: "a session's name in the composer's upper rule",
    screen: [
      "❯ Fix the bug",
      "  and run the tests",
      "",
      "──────────────── parser work ─",
      ...composer.slice(1),
    ],
    seen: "ready",
  },
  { title: "an offer", screen: [...offer, ...composer], seen: "unknown" },
  { title: "an offer below the composer", screen: [...composer, ...offer], seen: "unknown" },
  {
    title: "an offer under a transcript",
    screen: ["❯ Fix the bug", "  and run the tests", "", ...offer, ...composer],
    seen: "unknown",
  },
  {
    title: "near miss: an offer without numbers, further right than the composer",
    screen: [...offer.slice(0, 3), "  ❯ Yes, try it", "    Not now", "", ...composer],
    seen: "unknown",
  },
  {
    title: "near miss: an offer without numbers in the composer's column, with a row that names its keys",
    screen: ["  Try it?", "", "❯ Yes, try it", "  Not now", "", " Enter to confirm", ...composer],
    seen: "unknown",
  },
  {
    title: "near miss: a transcript without a composer below it",
    screen: ["❯ Fix the bug", "  and run the tests"],
    seen: "unknown",
  },
  {
    title: "near miss: a row above the pointer, which only a list has",
    screen: ["  Not now", "❯ Yes, try it", "", ...composer],
    seen: "unknown",
  },
];

describe("the Claude pack reads above its composer", () => {
  test.each(aboveComposer)("$title: $seen", ({ screen, seen }) => {
    expect(nameOf(observe(screen, claudePack))).toBe(seen);
  });
});

describe("the Claude pack reads", () => {
  test.each(drawn)("$title", ({ screen, seen }) => {
    expect(nameOf(observe(screen.split("\n"), claudePack))).toBe(seen);
  });
});

test("the Claude pack reads a draft of many rows in the composer as ready", () => {
  const rule = "─".repeat(100);
  const more = Array.from({ length: 11 }, (_, row) => `  part ${row + 1}`);
  const rows = ["", rule, "❯ part 0", ...more, rule, "  ⏵⏵ auto mode on (shift+tab to cycle)"];
  expect(observe(rows, claudePack)).toMatchObject({ type: "ready" });
});
