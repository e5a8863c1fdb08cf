import fc from "fast-check";
import { backends, noDefaults, type User, type UserSet } from "../user/user.ts";
import { blockEntry, flowEntry } from "./entry-text.ts";

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
export const userWithId = (telegram_id: number): fc.Arbitrary<User> =>
  fc.record<User>({
    telegram_id: fc.constant(telegram_id),
    slack: orNull(fc.constant(`T1:U${telegram_id}`)),
    discord: orNull(fc.constant(String(80351110224678912n + BigInt(telegram_id)))),
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

export type WrittenFile = { readonly text: string; readonly set: UserSet };

const comment = fc.constantFrom("", "# a note", "# - telegram_id: 3", "#", "# users:");

/** Texts that may be put between two lines, or after a line, without changing the meaning of the file. */
const between = fc.constantFrom("", "   ", "# note", "  # note", "            # - telegram_id: 3", "#\t[");
const behind = fc.constantFrom("  ", " # note", " # users: [");
const placed = (texts: fc.Arbitrary<string>) =>
  fc.array(fc.record({ line: fc.nat(40), text: texts }), { maxLength: 4 });

/** Any layout that a person might give a file with these users. */
export const fileWith = (users: readonly User[]): fc.Arbitrary<WrittenFile> =>
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

/** Mixed line ends, as if two people had used different editors. */
const endAfter = (line: number, { lineEnd, mixed }: Shape): string =>
  mixed && line % 3 === 0 ? "\n" : lineEnd;

/**
 * Puts no comment before the first line, which may begin with a byte order mark, and none after or inside a
 * literal text (`|-`).
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

/** Removes the indentation of a comment below a literal text. Otherwise it would be part of that text. */
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
