import { describe, expect, test } from "vitest";
import { nameOf, recordingsOf, shownIn } from "../node/recordings.fixture.ts";
import { observe } from "../rules/observe.ts";
import { texts } from "../rules/screens.fixture.ts";
import { geminiPack } from "./gemini.ts";

/** The screens of each recorded scenario, written by hand, in the named versions; without versions: in all others. */
const expected: readonly { scenario: string; versions?: string[]; shows: string }[] = [
  { scenario: "trust", shows: "trust restarting ready" },
  { scenario: "trust-unanswered", shows: "trust" },
  { scenario: "sign-in", shows: "trust restarting sign-in" },
  { scenario: "ready", shows: "ready" },
  { scenario: "true-colour", shows: "ready" },
];

const recordings = recordingsOf("gemini");

const labels = [" ● 1. Trust folder (proj)", "   2. Trust parent folder (w)", "   3. Don't trust"];
const boxed = (rows: readonly string[]): string[] => rows.map((row) => `│${row}`);

describe("the Gemini pack reads every recording of the real program", () => {
  test.each(recordings)("$file", ({ version, scenario, cast }) => {
    const row = expected.find(
      (row) => row.scenario === scenario && (row.versions?.includes(version) ?? true),
    );
    expect(shownIn(cast, geminiPack)).toBe(row?.shows ?? `no row is written for "${scenario}"`);
  });

  const recorded = geminiPack.rules.filter(
    ({ id, seenIn }) => id !== "gemini/api-key" && !/captures/u.test(seenIn.join()),
  );
  test.each(recorded)("reads a recording differently without the rule $id", ({ id }) => {
    const without = { ...geminiPack, rules: geminiPack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast, geminiPack))).toBe(true);
  });
});

const asked = ["╭──────────╮", ...boxed(texts.gemini), ...boxed(labels), "╰──────────╯"].join("\n");

/** Near misses, and screens without a recording here. */
const drawn: readonly { title: string; screen: string; seen: string }[] = [
  {
    title: "the prompt for an API key",
    screen:
      "╭────────────────────╮\n│ Enter Gemini API Key │\n│ │ Paste your API key here │ │\n╰────────────────────╯",
    seen: "api-key",
  },
  {
    title: "the folder's own policies",
    screen: " New or changed workspace policies detected\n\n ● 1. Accept and Load\n   2. Ignore",
    seen: "policies",
  },
  {
    title: "the editor's extension",
    screen: " Do you want to connect VS Code to Gemini CLI?\n\n ● 1. Yes\n   2. No",
    seen: "editor",
  },
  {
    title: "a sign-in that has to start again",
    screen: " Press R to restart, or Esc to choose a different authentication method.",
    seen: "sign-in-again",
  },
  {
    title: "near miss: another prompt to restart",
    screen: " The update is there.\n Press 'r' to restart, or 'Ctrl+C' twice to exit.",
    seen: "unknown",
  },
  {
    title: "a form",
    screen: " Your name\n\n Enter to submit · Tab/Shift+Tab to edit answers · Esc to cancel",
    seen: "unknown",
  },
  {
    title: "the composer in a box",
    screen:
      "╭────────────────────╮\n│ >   Type your message or @path/to/file │\n╰────────────────────╯\n ~/proj     no sandbox (see /docs)     gemini-2.5-pro",
    seen: "ready-in-box",
  },
  {
    title: "near miss: Claude's old trust dialog has the same title",
    screen:
      " Do you trust the files in this folder?\n Claude Code may read files in this folder.\n\n ● 1. Yes, proceed\n   2. No, exit",
    seen: "unknown",
  },
  {
    title: "near miss: an unlisted option",
    screen:
      " Do you trust the files in this folder?\n Trusting a folder allows Gemini CLI to load its local configurations\n\n ● 1. Trust folder (proj)\n   2. Trust every folder\n   3. Don't trust",
    seen: "unknown",
  },
  {
    title: "an answered dialog above the message of the restart",
    screen:
      " Do you trust the files in this folder?\n Trusting a folder allows Gemini CLI to load its local configurations\n\n ● 1. Trust folder (proj)\n   2. Trust parent folder (w)\n   3. Don't trust\n\n Gemini CLI is restarting to apply the trust changes...",
    seen: "restarting",
  },
  {
    title: "a new trust dialog below an answered one",
    screen: `${asked}\n Gemini CLI is restarting to apply the trust changes...\n${asked}`,
    seen: "trust",
  },
  {
    title: "the composer of the process that is about to end",
    screen:
      "ℹ Skipping project agents due to untrusted folder. To enable, ensure that the project root is trusted.\n\n >   Type your message or @path/to/file\n\n workspace (/directory)      sandbox      /model",
    seen: "nothing",
  },
  {
    title: "near miss: a composer without its status rows",
    screen: " >   Type your message or @path/to/file\n\n",
    seen: "nothing",
  },
];

describe("the Gemini pack reads", () => {
  test.each(drawn)("$title", ({ screen, seen }) => {
    expect(nameOf(observe(screen.split("\n"), geminiPack))).toBe(seen);
  });
});
