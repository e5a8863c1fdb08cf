import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain } from "../problem-messages.ts";
import { readTeam } from "./read-team.ts";
import type { TeamProblem } from "./team-problem.ts";

const context = { home: "/home/ada", base: "/home/ada/teams" };
const team = (...lines: readonly string[]): string => ["name: shop", ...lines, ""].join("\n");
const ana = "{ name: ana, provider: claude, folder: ~/shop }";
const lead = `lead: ${ana}`;

/** The problems without their places, and separately the places: `line:column`. */
const problemsOf = (text: string) => {
  const read = readTeam(text, context);
  if (read.ok) return { problems: [], places: [] };
  return {
    problems: read.error,
    places: read.error.map(({ line, column }) => `${line}:${column}`),
  };
};

describe("readTeam on a valid file", () => {
  test("reads the file from the design document", () => {
    const text = `name: shop
lead: { name: ana, provider: claude, folder: ~/shop }
members:
  - { name: bo, provider: codex, folder: ~/shop-api, model: gpt-5.1-codex, prompt: "Read the API first." }
  - { name: cy, provider: claude, folder: ~/shop, worktree: true }
`;
    expect(readTeam(text, context)).toEqual({
      ok: true,
      value: {
        name: "shop",
        lead: { name: "ana", role: "lead", provider: "claude", folder: "/home/ada/shop", worktree: false },
        members: [
          {
            name: "bo",
            role: "member",
            provider: "codex",
            folder: "/home/ada/shop-api",
            model: "gpt-5.1-codex",
            prompt: "Read the API first.",
            worktree: false,
          },
          { name: "cy", role: "member", provider: "claude", folder: "/home/ada/shop", worktree: true },
        ],
      },
    });
  });

  test.each([
    { what: "no members", text: team(lead) },
    { what: "an empty list of members", text: team(lead, "members: []") },
    { what: "members without a value", text: team(lead, "members:") },
    {
      what: "a model and a prompt without a value",
      text: team("lead:", "  name: ana", "  provider: claude", "  folder: ~/shop", "  model:", "  prompt:"),
    },
    { what: "a dotted name without a worktree", text: team(lead.replace("ana", "a..lock")) },
    { what: "a byte order mark and CRLF", text: `\ufeff${team(lead).replaceAll("\n", "\r\n")}` },
    { what: "comments, and the end of the document", text: `# a team\n${team(lead)}...\n` },
  ])("reads $what", ({ text }) =>
    expect(readTeam(text, context)).toMatchObject({
      ok: true,
      value: { lead: { folder: "/home/ada/shop" }, members: [] },
    }),
  );

  test("reads a prompt of several lines", () => {
    const text = team(
      "lead:",
      "  name: ana",
      "  provider: claude",
      "  folder: /w",
      "  prompt: |",
      "    one",
      "    two\tthree",
    );
    expect(readTeam(text, context)).toMatchObject({ value: { lead: { prompt: "one\ntwo\tthree\n" } } });
  });
});

test.each([
  { provider: "claude", prompt: "/usr/bin is a folder, is it not?" },
  { provider: "codex", prompt: "exit" },
  { provider: "pi", prompt: "Run !ls, then say /done" },
  { provider: "opencode", prompt: "/init" },
])(
  "readTeam accepts the prompt $prompt for $provider, whose CLI would run no command",
  ({ provider, prompt }) =>
    expect(
      problemsOf(team(`lead: { name: ana, provider: ${provider}, folder: /w, prompt: "${prompt}" }`))
        .problems,
    ).toEqual([]),
);

describe("a folder in a team file", () => {
  test("is home for ~ without quotes, although that is null in YAML", () => {
    const text = team("lead: { name: ana, provider: claude, folder: ~, model: ~ }");
    expect(readTeam(text, context)).toMatchObject({ ok: true, value: { lead: { folder: "/home/ada" } } });
  });

  test.each([
    { folder: "~", is: "/home/ada" },
    { folder: "~/shop/", is: "/home/ada/shop" },
    { folder: "/srv/./a/../b", is: "/srv/b" },
    { folder: "api", is: "/home/ada/teams/api" },
    { folder: "../api", is: "/home/ada/api" },
    { folder: "a~b", is: "/home/ada/teams/a~b" },
    { folder: "~/with space [x]", is: "/home/ada/with space [x]" },
  ])("is $is for $folder", ({ folder, is }) => {
    const text = team(`lead: { name: ana, provider: claude, folder: ${JSON.stringify(folder)} }`);
    expect(readTeam(text, context)).toMatchObject({ value: { lead: { folder: is } } });
  });

  test.each([
    { folder: "~/shop", is: "C:/Users/ada/shop" },
    { folder: "D:\\work\\.\\api\\", is: "D:/work/api" },
    { folder: "api", is: "C:/teams/api" },
    { folder: "\\\\server\\share\\x", is: "//server/share/x" },
  ])("is $is for $folder on Windows", ({ folder, is }) => {
    const text = team(`lead: { name: ana, provider: claude, folder: ${JSON.stringify(folder)} }`);
    const windows = { home: "C:\\Users\\ada", base: "C:\\teams", platform: "win32" } as const;
    expect(readTeam(text, windows)).toMatchObject({ value: { lead: { folder: is } } });
  });
});

type Row = { readonly what: string; readonly text: string; readonly problem: object; readonly at: string };

const rows: readonly Row[] = [
  {
    what: "an empty file",
    text: "",
    problem: { code: "missing-key", key: "name", place: "team" },
    at: "1:1",
  },
  { what: "a file of comments", text: "# soon\n", problem: { code: "missing-key", key: "name" }, at: "1:1" },
  { what: "a list", text: "- a\n", problem: { code: "not-a-mapping", place: "team" }, at: "1:1" },
  { what: "no lead", text: team("members: []"), problem: { code: "missing-key", key: "lead" }, at: "1:1" },
  {
    what: "a lead that is a name",
    text: team("lead: ana"),
    problem: { code: "not-a-mapping", place: "member" },
    at: "2:7",
  },
  {
    what: "members that are a mapping",
    text: team(lead, `members: { a: ${ana} }`),
    problem: { code: "not-a-list", key: "members" },
    at: "3:10",
  },
  {
    what: "a member without a value",
    text: team(lead, "members:", "  -"),
    problem: { code: "not-a-mapping", place: "member" },
    at: "4:4",
  },
  {
    what: "a member without a folder",
    text: team("lead: { name: ana, provider: claude }"),
    problem: { code: "missing-key", key: "folder", place: "member" },
    at: "2:7",
  },
  {
    what: "an unknown key of the team",
    text: team(lead, "member: []"),
    problem: { code: "unknown-key", key: "member", place: "team", meant: "members" },
    at: "3:1",
  },
  {
    what: "an unknown key of a member",
    text: team("lead: { name: ana, provider: claude, Folder: /w, folder: /w }"),
    problem: { code: "unknown-key", key: "Folder", place: "member", meant: "folder" },
    at: "2:38",
  },
  {
    what: "an unknown key that resembles no known one",
    text: team(lead, "budget: 5"),
    problem: { code: "unknown-key", key: "budget", meant: null },
    at: "3:1",
  },
  {
    what: "the key __proto__",
    text: team(lead, "__proto__: { x: 1 }"),
    problem: { code: "unknown-key", key: "__proto__" },
    at: "3:1",
  },
  {
    what: "a repeated key",
    text: team(lead, "name: shop"),
    problem: { code: "duplicate-key", key: "name", place: "team" },
    at: "3:1",
  },
  {
    what: "an unknown provider",
    text: team("lead: { name: ana, provider: claud, folder: /w }"),
    problem: { code: "unknown-provider", found: "claud", meant: "claude" },
    at: "2:30",
  },
  {
    what: "a provider that resembles no known one",
    text: team("lead: { name: ana, provider: aider, folder: /w }"),
    problem: { code: "unknown-provider", found: "aider", meant: null },
    at: "2:30",
  },
  {
    what: "a provider that is a number",
    text: team("lead: { name: ana, provider: 5, folder: /w }"),
    problem: { code: "unknown-provider", found: "5" },
    at: "2:30",
  },
  {
    what: "two names that differ in case",
    text: team(lead, "members:", "  - { name: Ana, provider: codex, folder: /w }"),
    problem: { code: "duplicate-name", name: "Ana", firstLine: 2 },
    at: "4:13",
  },
  {
    what: "a name with a slash",
    text: team("lead: { name: a/b, provider: claude, folder: /w }"),
    problem: { code: "bad-value", key: "name", found: "a/b" },
    at: "2:15",
  },
  ...["dot..dot", "dot.lock", "dot."].map((name) => ({
    what: `a worktree for ${name}, which cannot be part of a branch`,
    text: team(`lead: { name: ${name}, provider: claude, folder: /w, worktree: true }`),
    problem: { code: "bad-value", key: "name", found: name },
    at: "2:15",
  })),
  {
    what: "a worktree in a team whose name cannot be part of a branch",
    text: `name: shop.lock\nlead: ${ana}\nmembers: [{ name: cy, provider: claude, folder: /w, worktree: true }]\n`,
    problem: { code: "bad-value", key: "name", found: "shop.lock" },
    at: "1:7",
  },
  {
    what: "a name that is a number",
    text: team("lead: { name: 007, provider: claude, folder: /w }"),
    problem: { code: "bad-value", key: "name", found: "007" },
    at: "2:15",
  },
  {
    what: "a name of 65 letters",
    text: `name: ${"a".repeat(65)}\n${lead}\n`,
    problem: { code: "bad-value", key: "name", found: "a text of 65 characters" },
    at: "1:7",
  },
  {
    what: "worktree: yes",
    text: team("lead: { name: ana, provider: claude, folder: /w, worktree: yes }"),
    problem: { code: "bad-value", key: "worktree", expects: "true or false", found: "yes" },
    at: "2:60",
  },
  {
    what: "worktree in quotes",
    text: team('lead: { name: ana, provider: claude, folder: /w, worktree: "true" }'),
    problem: { code: "bad-value", key: "worktree", found: "true" },
    at: "2:60",
  },
  {
    what: "a model that would be a flag",
    text: team("lead: { name: ana, provider: claude, folder: /w, model: --help }"),
    problem: { code: "bad-value", key: "model", found: "--help" },
    at: "2:57",
  },
  {
    what: "another account's home",
    text: team("lead: { name: ana, provider: claude, folder: ~bo/x }"),
    problem: { code: "bad-value", key: "folder", found: "~bo/x" },
    at: "2:46",
  },
  {
    what: "a folder with a line break",
    text: team('lead: { name: ana, provider: claude, folder: "/w\\n" }'),
    problem: { code: "bad-value", key: "folder" },
    at: "2:46",
  },
  {
    what: "a prompt with an escape sequence",
    text: team('lead: { name: ana, provider: claude, folder: /w, prompt: "\\e[201~" }'),
    problem: { code: "bad-value", key: "prompt" },
    at: "2:58",
  },
  {
    what: "a prompt of more than 100,000 bytes",
    text: team(`lead: { name: ana, provider: claude, folder: /w, prompt: ${"é".repeat(50_001)} }`),
    problem: { code: "bad-value", key: "prompt" },
    at: "2:58",
  },
  {
    what: "a blank prompt",
    text: team('lead: { name: ana, provider: claude, folder: /w, prompt: " " }'),
    problem: { code: "bad-value", key: "prompt" },
    at: "2:58",
  },
  ...[
    { provider: "claude", prompt: "/clear", does: "is-command" },
    { provider: "codex", prompt: "\\n /review it", does: "is-command" },
    { provider: "qwen", prompt: "/srv/a: read it", does: "is-command" },
    { provider: "claude", prompt: "exit", does: "is-command" },
    { provider: "kimi", prompt: "!ls", does: "is-shell-command" },
  ].map(({ provider, prompt, does }) => ({
    what: `the prompt ${prompt}, which ${provider} would run`,
    text: team(`lead: { name: ana, prompt: "${prompt}", folder: /w, provider: ${provider} }`),
    problem: { code: "command-in-prompt", does, provider },
    at: "2:28",
  })),
  {
    what: "a prompt of several lines that begins with a command",
    text: team(
      lead,
      "members:",
      "  - name: bo",
      "    provider: codex",
      "    folder: /w",
      "    prompt: |",
      "      !ls",
    ),
    problem: { code: "command-in-prompt", does: "is-shell-command", provider: "codex" },
    at: "7:13",
  },
  {
    what: "an alias without its anchor",
    text: team("lead: *ana"),
    problem: { code: "yaml-feature-refused", feature: "alias" },
    at: "2:7",
  },
  {
    what: "a tag",
    text: team(lead, "members: !!seq []"),
    problem: { code: "yaml-feature-refused", feature: "tag" },
    at: "3:16",
  },
  {
    what: "an anchor",
    text: team(`lead: &a ${ana}`),
    problem: { code: "yaml-feature-refused", feature: "anchor" },
    at: "2:10",
  },
  {
    what: "a second document",
    text: `${team(lead)}---\nname: other\n`,
    problem: { code: "not-yaml" },
    at: "3:1",
  },
  {
    what: "a bracket that stays open",
    text: team("lead: { name: ana"),
    problem: { code: "not-yaml" },
    at: "3:1",
  },
  {
    what: "nesting that is too deep",
    text: `a: ${"[".repeat(100_000)}`,
    problem: { code: "too-large", unit: "levels", most: 32 },
    at: "1:35",
  },
];

describe("readTeam on an invalid file", () => {
  test.each(rows)("gives the problem and its place for $what", ({ text, problem, at }) => {
    const { problems, places } = problemsOf(text);
    expect(problems[0]).toMatchObject(problem);
    expect(places[0]).toBe(at);
  });

  test("reports every problem at once, in the order of the text", () => {
    const text = `nam: shop
lead: { name: ana, provider: claud, worktree: maybe }
members:
  - { name: ANA, provider: codex, folder: "" }
  - bo
`;
    const { problems, places } = problemsOf(text);
    expect(problems.map((problem) => problem.code)).toEqual([
      "unknown-key",
      "missing-key",
      "missing-key",
      "unknown-provider",
      "bad-value",
      "duplicate-name",
      "bad-value",
      "not-a-mapping",
    ]);
    expect(places).toEqual(["1:1", "1:1", "2:7", "2:30", "2:47", "4:13", "4:43", "5:5"]);
  });

  test("reports every prompt that a CLI would run, together with the other problems", () => {
    const text = `name: shop
lead: { name: ana, provider: claude, folder: /w, prompt: /clear }
members:
  - { name: ANA, provider: codex, folder: /w, prompt: "!ls" }
  - { name: bo, provider: cod, folder: /w, prompt: "!ls" }
`;
    const { problems, places } = problemsOf(text);
    expect(problems.map(({ code }) => code)).toEqual([
      "command-in-prompt",
      "duplicate-name",
      "command-in-prompt",
      "unknown-provider",
    ]);
    expect(places).toEqual(["2:58", "4:13", "4:55", "5:27"]);
  });

  test("reports every syntax error", () => {
    expect(problemsOf("a: [1\nb: }\nc: *x\n").problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["not-yaml", "not-yaml"]),
    );
  });

  test("refuses one member too many", () => {
    const member = (at: number) => `  - { name: m${at}, provider: codex, folder: /w }`;
    const members = Array.from({ length: 1_000 }, (_, at) => member(at));
    const { problems } = problemsOf(team(lead, "members:", ...members));
    expect(problems).toMatchObject([{ code: "bad-value", key: "members", found: "a list" }]);
    expect(problemsOf(team(lead, "members:", ...members.slice(1))).problems).toEqual([]);
  });

  test("refuses a file that is too large", () =>
    expect(problemsOf("#".repeat(5_000_000)).problems).toMatchObject([
      { code: "too-large", unit: "characters" },
    ]));

  test("reports at most 200 problems", () => {
    const text = team(lead, ...Array.from({ length: 500 }, (_, at) => `key${at}: 1`));
    expect(problemsOf(text).problems).toHaveLength(200);
  });
});

const isPlaced = ({ line, column }: TeamProblem, text: string): boolean =>
  line >= 1 && column >= 1 && line <= text.split("\n").length + 1;

const pieces = fc.constantFrom(
  ...["name", "lead", "members", "provider", "folder", "worktree", "claude", "codex", "~", "/w", "true", "5"],
  ...[
    ":",
    ": ",
    "\n",
    "\n  ",
    "\n  - ",
    "- ",
    "{ ",
    " }",
    "[",
    "]",
    ", ",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "---\n",
    "? ",
    "|\n",
    ">",
    '"',
    "'",
    "<<",
    "\t",
    "\r",
    "%",
    "@",
    "\u2028",
    "\ud800",
  ],
);

describe("readTeam on any text", () => {
  test.each([
    { what: "characters", text: fc.string({ unit: "binary", maxLength: 200 }) },
    { what: "pieces of team files", text: fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")) },
    { what: "JSON", text: fc.json() },
  ])("never throws for $what, and gives each problem a place and sentences", ({ text }) => {
    fc.assert(
      fc.property(text, (text) => {
        const read = readTeam(text, context);
        if (read.ok) return;
        expect(read.error.length).toBeGreaterThan(0);
        for (const problem of read.error) {
          expect(isPlaced(problem, text), JSON.stringify(problem)).toBe(true);
          const { message, fix } = explain(problem);
          expect(`${message}${fix}`).not.toMatch(/undefined|\[object/);
        }
      }),
    );
  });
});
