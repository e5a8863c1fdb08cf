import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readUsers } from "./read-users.ts";
import { entryInsertion, insert, spliceUser } from "./splice.ts";
import type { User } from "../user/user.ts";
import { fileWith, userWithId } from "./any-users-file.fixture.ts";
import { userNamed } from "../user/user-named.fixture.ts";

const ada = userNamed("Ada", { telegram_id: 7, os_user: "ada", github_repos: ["acme/web"] });
const withAda = (text: string): string => insert(text, entryInsertion(text, ada));

const adaBlock =
  "  - telegram_id: 7\n    name: Ada\n    role: user\n    os_user: ada\n    github_repos:\n      - acme/web\n";
const adaFlow =
  '{"telegram_id": 7, "name": "Ada", "role": "user", "os_user": "ada", "github_repos": ["acme/web"]}';
const bob = "  - telegram_id: 1\n    name: Bob\n";

describe("entryInsertion adds an entry at the end, in the file's own style, to", () => {
  test.for([
    { name: "an empty file", before: "", after: `users:\n${adaBlock}` },
    { name: "a file with only comments", before: "# none\n", after: `# none\nusers:\n${adaBlock}` },
    {
      name: "a file without a users key",
      before: "defaults:\n  model: opus\n",
      after: `defaults:\n  model: opus\nusers:\n${adaBlock}`,
    },
    {
      name: "an empty users key",
      before: "users: # soon\ndefaults:\n",
      after: `users: # soon\n${adaBlock}defaults:\n`,
    },
    { name: "a list of one entry", before: `users:\n${bob}`, after: `users:\n${bob}${adaBlock}` },
    {
      name: "a file without a final newline",
      before: `users:\n${bob.trimEnd()}`,
      after: `users:\n${bob}${adaBlock.trimEnd()}`,
    },
    {
      name: "a last entry with a comment",
      before: `users:\n${bob}    # on leave\n`,
      after: `users:\n${bob}    # on leave\n${adaBlock}`,
    },
    {
      name: "a list before a comment",
      before: `users:\n${bob}# end\n`,
      after: `users:\n${bob}${adaBlock}# end\n`,
    },
    {
      name: "a list before another key",
      before: `users:\n${bob}defaults:\n`,
      after: `users:\n${bob}${adaBlock}defaults:\n`,
    },
    {
      name: "a list that ends with a comment, before an indented key",
      before:
        "  users:\n  - telegram_id: 1\n    name: Bob\n    github_repos:\n    - a/b\n    #\n  defaults:\n    model: opus\n",
      after:
        "  users:\n  - telegram_id: 1\n    name: Bob\n    github_repos:\n    - a/b\n    #\n" +
        "  - telegram_id: 7\n    name: Ada\n    role: user\n    os_user: ada\n    github_repos:\n    - acme/web\n" +
        "  defaults:\n    model: opus\n",
    },
    {
      name: "a file with an end of document",
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
      name: "a file with CRLF",
      before: `users:\n${bob}`.replaceAll("\n", "\r\n"),
      after: `users:\n${bob}${adaBlock}`.replaceAll("\n", "\r\n"),
    },
    {
      name: "a list with empty lines between entries",
      before: `users:\n${bob}\n${bob.replace("1", "2")}`,
      after: `users:\n${bob}\n${bob.replace("1", "2")}\n${adaBlock}`,
    },
    {
      name: "a list with another indentation",
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

/** Files with up to three users, in any layout, and one more user. */
const cases = fc
  .integer({ min: 0, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count + 1 }, (_, index) => userWithId(index + 1))))
  .chain((users) => fc.record({ file: fileWith(users.slice(1)), added: fc.constant(users[0]!) }));

test("spliceUser adds any valid entry to any file, and keeps all other bytes", { tags: ["slow"] }, () => {
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
  );
});

/** The entry as a YAML parser reads it: without the fields that are null. */
const said = (user: User) => Object.fromEntries(Object.entries(user).filter(([, value]) => value !== null));

test("every version of YAML reads the same values", { tags: ["slow"] }, () => {
  fc.assert(
    fc.property(userWithId(7), (added) => {
      const text = insert("", entryInsertion("", added));
      const expected = { users: [said(added)] };
      expect(parse(text)).toEqual(expected);
      expect(parse(text, { version: "1.1" })).toEqual(expected);
    }),
  );
});
