import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileWith, userWithId } from "./any-users-file.fixture.ts";
import { hasUsersList, readUsers } from "./read-users.ts";
import { cut, cutUser, entrySpan, withoutUser } from "./splice-out.ts";
import { spliceUser } from "./splice.ts";

const entry = (id: number, name: string): string => `  - telegram_id: ${id}\n    name: ${name}\n`;
const [ana, bob, cy] = [entry(1, "Ana"), entry(2, "Bob"), entry(3, "Cy")];

const withoutBob = (text: string): string => {
  const read = readUsers(text);
  if (!read.ok) return expect.fail("the file is not valid");
  const index = read.value.users.findIndex(({ name }) => name === "Bob");
  return cut(text, entrySpan(text, index) ?? { from: 0, to: 0 });
};

describe("entrySpan removes only the entry's own lines:", () => {
  test.for([
    { name: "the first of three", before: `users:\n${bob}${ana}${cy}`, after: `users:\n${ana}${cy}` },
    { name: "between two", before: `users:\n${ana}${bob}${cy}`, after: `users:\n${ana}${cy}` },
    { name: "the last", before: `users:\n${ana}${bob}`, after: `users:\n${ana}` },
    { name: "the only one", before: `users: # soon\n${bob}`, after: "users: # soon\n" },
    {
      name: "the last, without a final newline",
      before: `users:\n${ana}${bob.trimEnd()}`,
      after: `users:\n${ana.trimEnd()}`,
    },
    {
      name: "an entry with comments in it, after it, and below it as deep as its keys",
      before: `users:\n${ana}  - telegram_id: 2 # on leave\n    # since May\n    name: Bob\n    # back in June\n${cy}`,
      after: `users:\n${ana}${cy}`,
    },
    {
      name: "an entry, and keeps the comments above it and above the next",
      before: `users:\n${ana}  # the second\n${bob}  # the third\n${cy}`,
      after: `users:\n${ana}  # the second\n  # the third\n${cy}`,
    },
    {
      name: "an entry, and keeps the comment above it apart from the next entry",
      before: `users:\n${ana}\n  # about Bob\n${bob}\n${cy}`,
      after: `users:\n${ana}\n  # about Bob\n\n${cy}`,
    },
    {
      name: "an entry with a list, and keeps comments below that begin as deep as the dash",
      before: `users:\n${ana}${bob}    github_repos:\n      - a/b\n  # two\n         # notes\n`,
      after: `users:\n${ana}  # two\n         # notes\n`,
    },
    {
      name: "an entry with the empty line above it",
      before: `users:\n${ana}\n${bob}\n${cy}`,
      after: `users:\n${ana}\n${cy}`,
    },
    {
      name: "the first entry with the empty line below it",
      before: `users:\n${bob}\n${cy}`,
      after: `users:\n${cy}`,
    },
    {
      name: "the last, and keeps a comment and a key after the list",
      before: `users:\n${ana}${bob}# end\ndefaults:\n  model: opus\n`,
      after: `users:\n${ana}# end\ndefaults:\n  model: opus\n`,
    },
    {
      name: "an entry whose dash has its own line",
      before: `users:\n${ana}  - # this one\n    telegram_id: 2\n    name: Bob\n${cy}`,
      after: `users:\n${ana}${cy}`,
    },
    {
      name: "an entry in braces in a list of lines",
      before: `users:\n- {telegram_id: 1, name: Ana} # one\n- {telegram_id: 2, name: Bob} # two\n`,
      after: `users:\n- {telegram_id: 1, name: Ana} # one\n`,
    },
    {
      name: "an entry whose name spans several lines",
      before: `users:\n${ana}  - telegram_id: 2\n    name: >-\n\n      Bob\n\n${cy}`,
      after: `users:\n${ana}${cy}`,
    },
    {
      name: "an entry in a file with CRLF",
      before: `users:\n${ana}${bob}`,
      after: `users:\n${ana}`,
      crlf: true,
    },
    {
      name: "the last of a list in brackets",
      before: "users: [{telegram_id: 1, name: Ana}, {telegram_id: 2, name: Bob}]\n",
      after: "users: [{telegram_id: 1, name: Ana}]\n",
    },
    {
      name: "the first of a list in brackets",
      before: "users: [{telegram_id: 2, name: Bob}, {telegram_id: 1, name: Ana},] # all\n",
      after: "users: [{telegram_id: 1, name: Ana},] # all\n",
    },
    {
      name: "the last in brackets, and keeps a comment before it",
      before: "users: [\n  {telegram_id: 1, name: Ana}, # one\n  {telegram_id: 2, name: Bob} # two\n  ]\n",
      after: "users: [\n  {telegram_id: 1, name: Ana}, # one\n   # two\n  ]\n",
    },
    {
      name: "an entry in JSON",
      before: '{"users": [{"telegram_id": 2, "name": "Bob"}], "defaults": {"model": "a/b"}}',
      after: '{"users": [], "defaults": {"model": "a/b"}}',
    },
  ])("$name", ({ before, after, crlf = false }) => {
    const lines = (text: string) => (crlf ? text.replaceAll("\n", "\r\n") : text);
    expect(withoutBob(lines(before))).toBe(lines(after));
    expect(readUsers(lines(after))).toMatchObject({ ok: true });
  });
});

test.for([
  { before: `users:\n${bob}`, after: "users: []\n" },
  {
    before: `users: # soon\n${bob}defaults:\n  model: opus\n`,
    after: "users: [] # soon\ndefaults:\n  model: opus\n",
  },
  { before: `\uFEFF"users":\r\n  - {telegram_id: 2, name: Bob}\r\n`, after: '\uFEFF"users": []\r\n' },
  { before: "users: [{telegram_id: 2, name: Bob}]\n", after: "users: []\n" },
])("cutUser leaves `users: []` of $before", ({ before, after }) => {
  const read = readUsers(before);
  if (!read.ok) return expect.fail("the file is not valid");
  expect(cutUser(before, read.value, read.value.users[0]!)).toEqual({ ok: true, value: after });
});

/** Files with one to four users in any layout, and the number of one of them. */
const cases = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => userWithId(index + 1))))
  .chain((users) => fc.record({ file: fileWith(users), index: fc.nat(users.length - 1) }));

/** The text with `users:` for `users: []`. */
const withoutBrackets = (text: string): string => text.replace(/(users"?:) \[\]/, "$1");

const commentsIn = (text: string): readonly string[] => text.match(/#[^\r\n]*/g) ?? [];

test("cutUser cuts any entry out of any file as one piece, and keeps all others", { tags: ["slow"] }, () => {
  fc.assert(
    fc.property(cases, ({ file: { text, set }, index }) => {
      const user = set.users[index]!;
      const span = entrySpan(text, index)!;
      const after = cutUser(text, set, user);
      if (!after.ok) return expect.fail("not removed");
      expect(withoutBrackets(after.value)).toBe(withoutBrackets(cut(text, span)));
      expect(hasUsersList(after.value)).toBe(true);
      expect(readUsers(cut(text, span))).toEqual({ ok: true, value: withoutUser(set, user) });
      // The span has no key of another entry.
      expect(text.slice(span.from, span.to).match(/^[^#\n]*telegram_id"?:/gm)).toHaveLength(1);
    }),
  );
});

/** Files with up to three users in any layout, and one more user. */
const additions = fc
  .integer({ min: 0, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count + 1 }, (_, index) => userWithId(index + 1))))
  .chain((users) => fc.record({ file: fileWith(users.slice(1)), added: fc.constant(users[0]!) }));

test("cutUser restores the file before spliceUser byte for byte", { tags: ["slow"] }, () => {
  fc.assert(
    fc.property(additions, ({ file: { text, set }, added }) => {
      const spliced = spliceUser(text, set, added);
      if (!spliced.ok) return expect.fail("not added");
      const users = { users: [...set.users, added], defaults: set.defaults };
      const after = cutUser(spliced.value, users, added);
      const hadList = /(?:^|[\n{,\uFEFF]) *"?users"?:/.test(text);
      if (!after.ok) return expect.fail("not removed");
      if (hadList) expect(withoutBrackets(after.value)).toBe(withoutBrackets(text));
      expect(commentsIn(after.value)).toEqual(commentsIn(text));
    }),
  );
});
