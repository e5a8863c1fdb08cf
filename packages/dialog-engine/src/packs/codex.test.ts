import { describe, expect, test } from "vitest";
import { nameOf, recordingsOf, shownIn } from "../node/recordings.fixture.ts";
import { observe } from "../rules/observe.ts";
import { codexPack } from "./codex.ts";

/** The screens of each recorded scenario, written by hand, in the named versions; without versions: in all others. */
const expected: readonly { scenario: string; versions?: string[]; shows: string }[] = [
  { scenario: "trust-git", versions: ["0.63.0"], shows: "trust-git ready" },
  { scenario: "trust-git", versions: ["0.101.0"], shows: "trust-contents model-migration ready" },
  { scenario: "trust-git", versions: ["0.125.0", "0.155.1"], shows: "trust-contents ready" },
  { scenario: "trust-git", shows: "trust-folder ready" },
  { scenario: "trust-unanswered", versions: ["0.63.0"], shows: "trust-git" },
  { scenario: "trust-unanswered", versions: ["0.101.0", "0.125.0", "0.155.1"], shows: "trust-contents" },
  { scenario: "trust-unanswered", shows: "trust-folder" },
  { scenario: "trust-plain", versions: ["0.63.0"], shows: "trust-plain ready" },
  // Leaving the alternate screen brings the answered dialog back for a moment.
  {
    scenario: "trust-plain",
    versions: ["0.101.0"],
    shows: "trust-contents model-migration trust-contents ready",
  },
  { scenario: "trust-plain", versions: ["0.125.0", "0.155.1"], shows: "trust-contents ready" },
  { scenario: "trust-plain", shows: "ready" },
  { scenario: "trust-sub-folder", shows: "trust-folder ready" },
  { scenario: "update", versions: ["0.63.0"], shows: "update trust-git ready" },
  { scenario: "update", versions: ["0.101.0"], shows: "update trust-contents model-migration ready" },
  { scenario: "update", versions: ["0.125.0", "0.155.1"], shows: "update trust-contents ready" },
  { scenario: "update", shows: "update-brief trust-folder ready" },
  { scenario: "migration-unanswered", shows: "trust-contents model-migration" },
  { scenario: "sign-in", shows: "sign-in" },
  { scenario: "ready", versions: ["0.101.0"], shows: "model-migration ready" },
  { scenario: "ready", shows: "ready" },
  // Up to 0.155.1 Codex keeps the user's "untrusted" without a question.
  { scenario: "untrusted", versions: ["0.169.0"], shows: "restricted" },
  { scenario: "untrusted", versions: ["0.101.0"], shows: "model-migration ready" },
  { scenario: "untrusted", shows: "ready" },
  { scenario: "hooks", versions: ["0.63.0"], shows: "trust-git ready" },
  { scenario: "hooks", versions: ["0.101.0"], shows: "trust-contents model-migration ready" },
  { scenario: "hooks", versions: ["0.125.0"], shows: "trust-contents ready" },
  { scenario: "hooks", versions: ["0.155.1"], shows: "trust-contents hooks" },
  { scenario: "hooks", shows: "trust-folder hooks" },
];

const recordings = recordingsOf("codex");

describe("the Codex pack reads every recording of the real program", () => {
  test.each(recordings)("$file", ({ version, scenario, cast }) => {
    const row = expected.find(
      (row) => row.scenario === scenario && (row.versions?.includes(version) ?? true),
    );
    expect(shownIn(cast, codexPack)).toBe(row?.shows ?? `no row is written for "${scenario}"`);
  });

  const recorded = codexPack.rules.filter(({ seenIn }) => !/captures|snapshot/u.test(seenIn.join()));
  test.each(recorded)("reads a recording differently without the rule $id", ({ id }) => {
    const without = { ...codexPack, rules: codexPack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast, codexPack))).toBe(true);
  });
});

/** The trust dialog of 0.169.0, with this note between folder and question. */
const trustFolder = (note: string): string =>
  `  Folder access\n  /w/repo/a\n\n  ${note}\n\n  Trust this folder? Codex can read, edit, and run files here, subject to your permission settings. Folder\n  settings can run code automatically, even without a model request. Continue only if you trust these files. Your\n  trust decision will be saved.\n\n› 1. Trust and continue\n  2. Quit\n\n  enter continue · esc quit`;

const sessionDirectory = (options: string): string =>
  `Choose working directory to resume this session\n\n  Session = latest cwd recorded in the resumed session\n  Current = your current working directory\n\n› ${options}\n  3. Always use session directory\n  4. Always use current directory\n\n  Press enter to continue`;

/** Near misses, and screens without a recording here. */
const drawn: readonly { title: string; screen: string; seen: string; startedIn?: string }[] = [
  {
    title: "the wording of 0.20.0, with > as the pointer",
    screen:
      "> You are running Codex in /w/proj\n\n  Since this folder is version controlled, you may wish to allow Codex\n  to work in this folder without asking for approval.\n\n> 1. Yes, allow Codex to work in this folder without asking for approval\n  2. No, ask me to approve edits and commands\n\n  Press Enter to continue",
    seen: "trust-git",
  },
  {
    title:
      "near miss: the frame of 0.45.0 in which an update notice garbles the trust dialog: only its keys are read",
    screen:
      "> You are running Codex in /w/proj\n╭\n│ Sinceathisvfoldereis0version>controlled, you may wish to allow Codex\n│\n> 1. Yes, allow Codex to work in this folder without asking for approval\n│ 2.tNo,/asktmebtooapproveieditsxandlcommands\n  Press Enter to continue",
    seen: "unknown",
  },
  {
    title: "near miss: an update with an unlisted option",
    screen:
      "  Update available · 0.169.0 → 99.0.0\n  Release notes: https://github.com/openai/codex/releases/latest\n\n› 1. Update now (runs `npm install -g @openai/codex`)\n  2. Skip\n  3. Skip, and never ask again",
    seen: "unknown",
  },
  {
    title: "near miss: trust of the parent",
    screen:
      "  Folder access\n  /w/proj\n\n  Trust this folder? Codex can read, edit, and run files here.\n\n› 1. Trust and continue\n  2. Trust parent and continue\n\n  enter continue · esc back",
    seen: "unknown",
  },
  {
    title: "near miss: trust with a third option that opens it restricted",
    screen:
      "  Folder access\n  /w/proj\n\n  Trust this folder? Codex can read, edit, and run files here.\n\n› 1. Trust and continue\n  2. Open restricted\n  3. Quit\n\n  enter continue · esc quit",
    seen: "restricted",
  },
  {
    title: "trust of a sub-folder, with the repository's root",
    startedIn: "/w/repo/a",
    screen: trustFolder(
      "Note: You’re in a subdirectory of a Git project. Trusting will apply to the repository root: /w/repo",
    ),
    seen: "trust-folder",
  },
  {
    title: "the same in the wording of 0.125.0, where the root is in a row of its own",
    startedIn: "/w/repo/a",
    screen:
      "> You are in /w/repo/a\n\n  Note: You’re in a subdirectory of a Git project. Trusting will apply to the repository root:\n  /w/repo\n\n  Do you trust the contents of this directory? Working with untrusted contents comes with higher risk of prompt\n  injection.\n\n› 1. Yes, continue\n  2. No, quit\n\n  Press enter to continue",
    seen: "trust-contents",
  },
  {
    title: "near miss: a note about more than the repository's root",
    startedIn: "/w/repo/a",
    screen: trustFolder(
      "Note: You’re in a subdirectory of a Git project. Trusting will apply to every folder beside: /w/repo",
    ),
    seen: "unknown",
  },
  {
    title: "near miss: a root that is no absolute path",
    startedIn: "/w/repo/a",
    screen: trustFolder(
      "Note: You’re in a subdirectory of a Git project. Trusting will apply to the repository root: all of them",
    ),
    seen: "unknown",
  },
  {
    title: "near miss: a sentence after the root",
    startedIn: "/w/repo/a",
    screen: trustFolder(
      "Note: You’re in a subdirectory of a Git project. Trusting will apply to the repository root: /w/repo and ALL PARENT FOLDERS",
    ),
    seen: "unknown",
  },
  {
    title: "near miss: the same two options below another question",
    screen:
      "> You are in /w/proj\n\n  Do you want to delete the contents of this directory?\n\n› 1. Yes, continue\n  2. No, quit\n\n  Press enter to continue",
    seen: "unknown",
  },
  {
    title: "near miss: Kimi's question",
    screen: "  Trust this folder?\n\n› 1. Trust and continue\n  2. Quit\n\n  enter continue",
    seen: "unknown",
  },
  {
    title: "near miss: an option whose list is not drawn to its end, which looks like a composer",
    screen: "  Folder access\n\n› 1. Trust and continue\n\n  ? for shortcuts",
    seen: "nothing",
  },
  {
    title: "near miss: a composer without a row below it is not ready",
    screen: "›  Ask Codex to do anything\n\n",
    seen: "nothing",
  },
  {
    title: "near miss: a prompt that was sent, above a program at work",
    screen: "› Fix the bug\n\n• Working (2s • esc to interrupt)",
    seen: "nothing",
  },
  {
    title: "a session of another folder",
    startedIn: "/w/proj",
    screen: sessionDirectory("1. Use session directory (/srv/shop)\n  2. Use current directory (/w/proj)"),
    seen: "session-directory",
  },
  {
    title: "near miss: a session whose current folder is not the started one",
    startedIn: "/w/proj",
    screen: sessionDirectory("1. Use session directory (/srv/shop)\n  2. Use current directory (/w/other)"),
    seen: "unknown",
  },
  {
    title: "near miss: a session directory with text after it",
    startedIn: "/w/proj",
    screen: sessionDirectory(
      "1. Use session directory (/srv/shop) and trust it (now)\n  2. Use current directory (/w/proj)",
    ),
    seen: "unknown",
  },
  {
    title: "settings of another agent, with the pointer on no answer",
    screen:
      "  > External agent config detected\n  We found settings from another agent that you can add to this project.\n  Select what to import\n  Home\n    [x] Migrate home settings into home config\n\n  Selected 1 of 1 item(s).\n    1. Proceed with selected\n    2. Skip for now\n    3. Don't ask again\n  Use ↑/↓ to move, space to toggle, 1/2/3 to choose, a/n for all/none",
    seen: "import-config",
  },
  {
    title: "its second page, a list of one",
    screen:
      "  > Choose what to import\n  Choose items to import.\n    [x] Instructions\n\n  Selected 1 of 1 items.\n  › 1. Review selection\n  Press enter to continue, ↑/↓ to move, b to go back",
    seen: "import-review",
  },
  {
    title: "near miss: another question without a pointer",
    screen: "  Pick one\n    1. Proceed with all\n    2. Stop\n  1/2 to choose",
    seen: "unknown",
  },
  {
    title: "near miss: a numbered list without a question",
    screen: "  Steps\n    1. Build\n    2. Test",
    seen: "nothing",
  },
  {
    title: "a warning that only the key y passes",
    screen: "The terminal is too small.\nContinue anyway? [y/N]: ",
    seen: "continue-anyway",
  },
  { title: "another y/N prompt", screen: "Delete it? [y/N]: ", seen: "unknown" },
  {
    title: "near miss: 0.169.0 that is still loading",
    screen: "\n  >_ OpenAI Codex (v0.169.0)\n     loading\n\n› Ask Codex to do anything\n\n  ? for shortcuts",
    seen: "nothing",
  },
  {
    title: "near miss: 0.155.1 that is still loading",
    screen:
      "╭────────────────────────╮\n│ model:     loading     │\n│ directory: loading     │\n╰────────────────────────╯\n\n› Ask Codex to do anything\n\n  ? for shortcuts",
    seen: "nothing",
  },
  {
    title: "near miss: a form of an MCP server",
    screen: "  Field 1/2 (1 required unanswered)\n\n› Type here\n\n  ? for shortcuts",
    seen: "nothing",
  },
  {
    title: "0.145.0, with the remaining context in its status row",
    screen: "\n› Ask Codex to do anything\n\n  gpt-5.6-sol medium · Context 100% left",
    seen: "ready",
  },
  {
    title: "a prompt of two lines that was sent, above the composer",
    screen:
      "› Fix the bug\n  and run the tests\n\n• Done.\n\n\n› Ask Codex to do anything\n\n  ? for shortcuts",
    seen: "ready",
  },
  {
    title: "near miss: a list without numbers above a composer, with a row that names its keys",
    screen:
      "  Which one?\n\n› This one\n  That one\n\n  Press enter to confirm\n\n› Ask Codex to do anything\n\n  ? for shortcuts",
    seen: "unknown",
  },
  {
    title: "near miss: a numbered list above a composer",
    screen: "  Which one?\n\n› 1. This one\n  2. That one\n\n› Ask Codex to do anything\n\n  ? for shortcuts",
    seen: "unknown",
  },
  {
    title: "a composer whose row below names model and folder",
    screen: "› Find and fix a bug in @filename\n\n  gpt-5.5 high · ~/w/proj",
    seen: "ready",
  },
];

describe("the Codex pack reads", () => {
  test.each(drawn)("$title", ({ screen, seen, startedIn }) => {
    const folder = startedIn === undefined ? undefined : { path: startedIn };
    expect(nameOf(observe(screen.split("\n"), codexPack, 120, { folder }))).toBe(seen);
  });
});

describe("a draft of several rows in Codex's composer", () => {
  const status = ["", "  GPT-6.1-Sol default · /w/proj"];
  // Drawn by 0.169.0 at 120 columns.
  const draft = ["", "› Read the API first.", "  Then say what it is for", "  - and whom it serves"];

  test("is read as ready, not as a question", () => {
    expect(observe([...draft, ...status], codexPack)).toMatchObject({ type: "ready" });
  });

  test.each([
    { what: "without the status row", rows: [...draft, ""] },
    { what: "with keys named below it", rows: [...draft, "", "  Press enter to confirm or esc to go back"] },
    {
      what: "with keys named above the status row",
      rows: [...draft, "", "  enter continue · esc skip", ...status],
    },
    { what: "with a row to the left of the text", rows: [...draft, "and more", ...status] },
    { what: "with two pointers", rows: [...draft, "› another", ...status] },
  ])("is not one $what", ({ rows }) => {
    expect(observe(rows, codexPack)).not.toMatchObject({ type: "ready" });
  });
});
