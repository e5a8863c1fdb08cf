import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { readUsers } from "./read-users.ts";
import { entryInsertion, insert } from "./splice.ts";
import { spliceUser } from "./splice-user.ts";
import { backends, noDefaults, type User, type UserSet } from "../user/user.ts";
import { blockEntry, flowEntry } from "./entry-text.ts";
import { userNamed } from "../testing/user-named.ts";

const ada = userNamed("Ada", { telegram_id: 7, os_user: "ada", github_repos: ["acme/web"] });
const withAda = (text: string): string => insert(text, entryInsertion(text, ada));

const adaBlock =
  "  - telegram_id: 7\n    name: Ada\n    role: user\n    os_user: ada\n    github_repos:\n      - acme/web\n";
const adaFlow =
  '{"telegram_id": 7, "name": "Ada", "role": "user", "os_user": "ada", "github_repos": ["acme/web"]}';
const bob = "  - telegram_id: 1\n    name: Bob\n";

describe("a new entry stands behind the last one, in the file's own style", () => {
  test.for([
    { name: "an empty file", before: "", after: `users:\n${adaBlock}` },
    { name: "comments only", before: "# none\n", after: `# none\nusers:\n${adaBlock}` },
    {
      name: "no users key",
      before: "defaults:\n  model: opus\n",
      after: `defaults:\n  model: opus\nusers:\n${adaBlock}`,
    },
    {
      name: "an empty users key",
      before: "users: # soon\ndefaults:\n",
      after: `users: # soon\n${adaBlock}defaults:\n`,
    },
    { name: "one entry", before: `users:\n${bob}`, after: `users:\n${bob}${adaBlock}` },
    {
      name: "no final line end",
      before: `users:\n${bob.trimEnd()}`,
      after: `users:\n${bob}${adaBlock.trimEnd()}`,
    },
    {
      name: "a comment of the last entry",
      before: `users:\n${bob}    # on leave\n`,
      after: `users:\n${bob}    # on leave\n${adaBlock}`,
    },
    {
      name: "a comment behind the list",
      before: `users:\n${bob}# end\n`,
      after: `users:\n${bob}${adaBlock}# end\n`,
    },
    {
      name: "another key behind",
      before: `users:\n${bob}defaults:\n`,
      after: `users:\n${bob}${adaBlock}defaults:\n`,
    },
    {
      name: "an indented key behind a comment that ends a list",
      before:
        "  users:\n  - telegram_id: 1\n    name: Bob\n    github_repos:\n    - a/b\n    #\n  defaults:\n    model: opus\n",
      after:
        "  users:\n  - telegram_id: 1\n    name: Bob\n    github_repos:\n    - a/b\n    #\n" +
        "  - telegram_id: 7\n    name: Ada\n    role: user\n    os_user: ada\n    github_repos:\n    - acme/web\n" +
        "  defaults:\n    model: opus\n",
    },
    {
      name: "an end of document",
      before: `---\nusers:\n${bob}...\n`,
      after: `---\nusers:\n${bob}${adaBlock}...\n`,
    },
    { name: "an empty flow list", before: "users: [] # none\n", after: `users: [${adaFlow}] # none\n` },
    {
      name: "a flow list",
      before: "users: [{telegram_id: 1, name: B},]\n",
      after: `users: [{telegram_id: 1, name: B}, ${adaFlow},]\n`,
    },
    { name: "JSON", before: "{}", after: `{"users": [${adaFlow}]}` },
    {
      name: "CRLF",
      before: `users:\n${bob}`.replaceAll("\n", "\r\n"),
      after: `users:\n${bob}${adaBlock}`.replaceAll("\n", "\r\n"),
    },
    {
      name: "empty lines between entries",
      before: `users:\n${bob}\n${bob.replace("1", "2")}`,
      after: `users:\n${bob}\n${bob.replace("1", "2")}\n${adaBlock}`,
    },
    {
      name: "another indentation",
      before: "users:\n-   telegram_id: 1\n    name: Bob\n    github_repos:\n    - a/b\n",
      after:
        "users:\n-   telegram_id: 1\n    name: Bob\n    github_repos:\n    - a/b\n" +
        "-   telegram_id: 7\n    name: Ada\n    role: user\n    os_user: ada\n    github_repos:\n    - acme/web\n",
    },
  ])("$name", ({ before, after }) => {
    expect(withAda(before)).toBe(after);
    expect(readUsers(after)).toMatchObject({ ok: true });
  });
});

const tricky = [
  "yes",
  "No",
  "123",
  "1e3",
  "a: b",
  "#x",
  "x #y",
  "null",
  "~",
  "0x1F",
  "2026-11-20",
  "- a",
  "Zoë",
  "李小龍",
  "'q'",
  '"q"',
  "[a]",
  "{a}",
  "*x",
  "!t",
  "%d",
  "@x",
  "a,b",
  "? k",
  "=",
  "1:30",
  ".5",
  "0o7",
  "é",
  "👩‍💻".replaceAll("\u200d", ""),
];

const names = fc.oneof(
  fc.constantFrom(...tricky),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
    .map((text) =>
      text
        .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}`$\\|;&<>]/gu, "")
        .trim()
        .slice(0, 40),
    )
    .filter((text) => text !== "" && !/\p{Cs}/u.test(text)),
);
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

/** Any valid entry with this id. */
const userWithId = (telegram_id: number): fc.Arbitrary<User> =>
  fc.record<User>({
    telegram_id: fc.constant(telegram_id),
    name: names,
    role: fc.constantFrom("admin", "user"),
    os_user: fc.constant(`person${telegram_id}`),
    github: orNull(fc.oneof(word, fc.constantFrom("yes", "123", "0x1"))),
    home_workspace: fc.constant(null),
    workspace_base: orNull(fc.constantFrom("/srv/work", "~/w", "~", "/a b/#c", "/x: y")),
    model: orNull(fc.constantFrom("sonnet", "on", "1.5", "claude-opus-4", "a/b:c")),
    agent_backend: orNull(fc.constantFrom(...backends.filter((backend) => backend !== "goose"))),
    llm_provider: fc.constant(null),
    max_budget: orNull(fc.constantFrom(5, 0.5, 1e21, 1e-7, 12.25)),
    timeout: fc.constant(null),
    context_window: fc.constant(null),
    github_repos: orNull(
      fc.uniqueArray(
        fc.tuple(word, word).map((pair) => pair.join("/")),
        { minLength: 1, maxLength: 3 },
      ),
    ),
    github_notify_chat_id: orNull(fc.constantFrom(-100200300, 7)),
    pr_review: orNull(fc.boolean()),
    issue_triage: orNull(fc.boolean()),
  });

type WrittenFile = { readonly text: string; readonly set: UserSet };

const comment = fc.constantFrom("", "# a note", "# - telegram_id: 3", "#", "# users:");

/** What may stand between any two lines, and behind any, so that nothing means anything else. */
const between = fc.constantFrom("", "   ", "# note", "  # note", "            # - telegram_id: 3", "#\t[");
const behind = fc.constantFrom("  ", " # note", " # users: [");
const placed = (texts: fc.Arbitrary<string>) =>
  fc.array(fc.record({ line: fc.nat(40), text: texts }), { maxLength: 4 });

/** Any layout that a person might give a file with these users. */
const fileWith = (users: readonly User[]): fc.Arbitrary<WrittenFile> =>
  fc
    .record({
      lineEnd: fc.constantFrom("\n", "\r\n"),
      mixed: fc.constantFrom(false, false, true),
      between: placed(between),
      behind: placed(behind),
      quoted: fc.boolean(),
      literal: fc.boolean(),
      top: fc.constantFrom(0, 0, 2),
      dash: fc.constantFrom(0, 2, 4, 1, 40),
      keys: fc.constantFrom(2, 4, 3),
      list: fc.constantFrom(0, 2, 3),
      gap: fc.boolean(),
      flow: fc.constantFrom("no", "no", "no", "entries", "list", "lines", "all"),
      dashAlone: fc.boolean(),
      defaults: fc.constantFrom("none", "before", "after"),
      head: comment,
      above: comment,
      foot: comment,
      own: comment,
      start: fc.boolean(),
      end: fc.boolean(),
      mark: fc.boolean(),
      lastLineEnd: fc.boolean(),
      emptyAs: fc.constantFrom("", " []", " [ ]", " # none yet", "missing"),
    })
    .map((shape) => ({
      text: render(users, shape),
      set: { users, defaults: { ...noDefaults, model: shape.defaults === "none" ? null : "opus" } },
    }));

type Placed = readonly { readonly line: number; readonly text: string }[];

type Shape = {
  lineEnd: string;
  mixed: boolean;
  between: Placed;
  behind: Placed;
  quoted: boolean;
  literal: boolean;
  top: number;
  dash: number;
  keys: number;
  list: number;
  gap: boolean;
  flow: string;
  dashAlone: boolean;
  defaults: string;
  head: string;
  above: string;
  foot: string;
  own: string;
  start: boolean;
  end: boolean;
  mark: boolean;
  lastLineEnd: boolean;
  emptyAs: string;
};

const render = (users: readonly User[], shape: Shape): string => {
  const { lineEnd, top, flow } = shape;
  const pad = " ".repeat(top);
  const defaults = (when: string) =>
    shape.defaults === when ? [`${pad}defaults:`, `${pad}  model: opus`] : [];
  const lines =
    flow === "all"
      ? [
          `{"defaults": ${shape.defaults === "none" ? "null" : '{"model": "opus"}'}, "users": [${users.map(flowEntry).join(", ")}]}`,
        ]
      : [...defaults("before"), ...list(users, shape), ...defaults("after")];
  const marked = [
    ...(shape.start ? ["---"] : []),
    ...(shape.head ? [shape.head] : []),
    ...lines,
    ...(shape.foot ? [shape.foot] : []),
    ...(shape.end ? ["..."] : []),
  ];
  const noted = withNotes(marked, shape);
  const text = noted.map((line, index) => (index === 0 ? "" : endAfter(index, shape)) + line).join("");
  return (shape.mark ? "\uFEFF" : "") + text + (shape.lastLineEnd ? lineEnd : "");
};

/** Of a file that two people edited, each with their own editor. */
const endAfter = (line: number, { lineEnd, mixed }: Shape): string =>
  mixed && line % 3 === 0 ? "\n" : lineEnd;

/**
 * None in front of the first line (a byte order mark stands there), none behind text that goes on to the
 * line's end.
 */
const withNotes = (lines: readonly string[], { between, behind }: Shape): string[] => {
  const at = (all: Placed, index: number) =>
    all.flatMap(({ line, text }) => (line % lines.length === index ? [text] : []));
  return lines.flatMap((line, index) => {
    const isLiteral = lines[index - 1]?.endsWith("|-") === true;
    const above = index === 0 || isLiteral ? [] : at(between, index);
    const [note = ""] = isLiteral || line.endsWith("|-") ? [] : at(behind, index);
    return [...afterLiteral(lines[index - 2], above), line + note];
  });
};

/** Deep behind a literal text a comment would be more of it. */
const afterLiteral = (header: string | undefined, notes: readonly string[]): readonly string[] =>
  header?.endsWith("|-") === true ? notes.map((note) => note.trimStart()) : notes;

const list = (users: readonly User[], shape: Shape): string[] => {
  const pad = " ".repeat(shape.top);
  if (users.length === 0) return shape.emptyAs === "missing" ? [] : [`${pad}users:${shape.emptyAs}`];
  if (shape.flow === "list") return [`${pad}users: [ ${users.map(flowEntry).join(", ")}, ] # all`];
  if (shape.flow === "lines")
    return [`${pad}users: [`, ...users.map((user) => `${pad}  ${flowEntry(user)}, # one`), `${pad}  ]`];
  const dash = shape.top + shape.dash;
  const entries = users.flatMap((user, index) => [
    ...(index > 0 && shape.gap ? [""] : []),
    ...(shape.above ? [pad + shape.above] : []),
    ...entry(user, { ...shape, dash }),
    ...(shape.own ? [" ".repeat(dash + 2) + shape.own] : []),
  ]);
  return [`${pad}users:`, ...entries];
};

const entry = (user: User, shape: Shape): string[] => {
  if (shape.flow === "entries") return [`${" ".repeat(shape.dash)}- ${flowEntry(user)} # flow`];
  const lines = blockEntry(user, shape)
    .split(shape.lineEnd)
    .map((line) => (shape.quoted ? line.replace(/^([ -]*)([a-z_]+):/, '$1"$2":') : line))
    .flatMap((line) => (shape.literal ? literalName(line, user) : [line]));
  if (!shape.dashAlone) return lines;
  return [`${" ".repeat(shape.dash)}- # alone`, lines[0]!.replace("-", " "), ...lines.slice(1)];
};

const literalName = (line: string, { name }: User): readonly string[] => {
  const [, pad, key] = /^( +)("?name"?): /.exec(line) ?? [];
  return pad === undefined ? [line] : [`${pad}${key}: |-`, `${pad}  ${name}`];
};

/** Files with up to three users, in any layout, and one more user. */
const cases = fc
  .integer({ min: 0, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count + 1 }, (_, index) => userWithId(index + 1))))
  .chain((users) => fc.record({ file: fileWith(users.slice(1)), added: fc.constant(users[0]!) }));

test(
  "any valid entry in any file reads back, and leaves the rest as it was to the byte",
  { tags: ["slow"] },
  () => {
    fc.assert(
      fc.property(cases, ({ file, added }) => {
        expect(readUsers(file.text)).toEqual({ ok: true, value: file.set });
        const { at, text } = entryInsertion(file.text, added);
        const after = insert(file.text, { at, text });
        expect(after.slice(0, at) + after.slice(at + text.length)).toBe(file.text);
        const wanted = { users: [...file.set.users, added], defaults: file.set.defaults };
        expect(readUsers(after)).toEqual({ ok: true, value: wanted });
        expect(spliceUser(file.text, file.set, added)).toEqual({ ok: true, value: after });
      }),
      { numRuns: 3_000 * inject("shareOfCases") },
    );
  },
);

/** What any reader of YAML makes of the last entry: only what is said. */
const said = (user: User) => Object.fromEntries(Object.entries(user).filter(([, value]) => value !== null));

test("every version of YAML reads the same values", { tags: ["slow"] }, () => {
  fc.assert(
    fc.property(userWithId(7), (added) => {
      const text = insert("", entryInsertion("", added));
      const expected = { users: [said(added)] };
      expect(load(text)).toEqual(expected);
      expect(parse(text)).toEqual(expected);
      expect(parse(text, { version: "1.1" })).toEqual(expected);
    }),
    { numRuns: 2_000 * inject("shareOfCases") },
  );
});
