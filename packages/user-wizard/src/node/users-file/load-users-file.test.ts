import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { limits } from "../../users-file/users-problem.ts";
import { readUsers } from "../../users-file/read-users.ts";
import { loadUsersFile } from "./load-users-file.ts";

const folder = mkdtempSync(join(tmpdir(), "load-users-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fileWith = (content: string | Uint8Array): string => {
  const path = join(folder, "users.yaml");
  writeFileSync(path, content);
  return path;
};

/** A users.yaml with this many users, laid out as a person would write them: ten lines each. */
const usersText = (count: number): string =>
  `# users\ndefaults:\n  model: sonnet\nusers:\n${Array.from({ length: count }, (_, index) => entryText(index)).join("")}`;

const entryText = (index: number): string =>
  `  - telegram_id: ${100_000 + index}
    name: Person ${index}
    role: user
    os_user: person${index}
    github: gh-${index}
    max_budget: 5.5
    github_repos:
      - acme/repo-${index}
      - acme/other
    pr_review: true
`;

describe("loadUsersFile", () => {
  test("returns the same users as readUsers, in the same order", async () => {
    const text = usersText(500);
    expect(await loadUsersFile(fileWith(text))).toEqual(readUsers(text));
  });

  test("returns every problem of a file that is not YAML, or not a list of users", async () => {
    const path = fileWith("users:\n  - name: [\n");
    expect(await loadUsersFile(path)).toMatchObject({
      error: { code: "users-file-invalid", path, problems: [{ code: "not-yaml" }] },
    });
    const problems = [
      { code: "missing-key", line: 2, column: 5 },
      { code: "missing-key" },
      { code: "unknown-key", line: 2, column: 5 },
    ];
    const loaded = await loadUsersFile(fileWith("users:\n  - nam: Bob\n"));
    expect(loaded).toMatchObject({
      ok: false,
      error: { problems: expect.arrayContaining(problems.map((one) => expect.objectContaining(one))) },
    });
  });

  test.for([
    { name: "a missing file", path: "/no/such/users.yaml", error: { code: "users-file-missing" } },
    { name: "a folder", path: tmpdir(), error: { code: "users-file-unreadable", errno: "EISDIR" } },
    {
      name: "an endless device",
      path: "/dev/zero",
      error: { code: "users-file-unreadable", errno: "EINVAL" },
    },
  ])("refuses $name", async ({ path, error }) => {
    expect(await loadUsersFile(path)).toEqual({ ok: false, error: { ...error, path } });
  });

  test.for([
    "",
    "\r\n \n",
    "\uFEFF",
    "# nobody\n",
    "users:\n",
    "\uFEFFusers: # all gone\n  # - telegram_id: 5\n",
    "defaults:\n  model: opus\n",
    "---\n",
  ])("refuses %j as empty, because it has no list of users", async (text) => {
    const path = fileWith(text);
    expect(await loadUsersFile(path)).toEqual({ ok: false, error: { code: "users-file-empty", path } });
  });

  test.for(["users: []\n", "\uFEFFusers: [\n] # nobody", '{"users": []}'])(
    "accepts %j as a list of nobody",
    async (text) => {
      expect(await loadUsersFile(fileWith(text))).toMatchObject({ ok: true, value: { users: [] } });
    },
  );

  test("refuses a pipe without waiting for a writer", async () => {
    const path = join(folder, "pipe");
    await promisify(execFile)("mkfifo", [path]);
    expect(await loadUsersFile(path)).toEqual({
      ok: false,
      error: { code: "users-file-unreadable", path, errno: "EINVAL" },
    });
  });

  test("refuses a file that is not UTF-8", async () => {
    const path = fileWith(Uint8Array.of(0x61, 0xff, 0x0a));
    expect(await loadUsersFile(path)).toEqual({
      ok: false,
      error: { code: "users-file-unreadable", path, errno: "EILSEQ" },
    });
  });

  test("refuses a file that is too large", async () => {
    const path = fileWith(`#${"x".repeat(limits.fileBytes)}`);
    expect(await loadUsersFile(path)).toEqual({
      ok: false,
      error: { code: "users-file-too-large", path },
    });
  });

  test("keeps parallel loads apart", async () => {
    const paths = [3, 30, 300].map((count) => {
      const path = join(folder, `${count}.yaml`);
      writeFileSync(path, usersText(count));
      return path;
    });
    const loads = paths.map((path) => loadUsersFile(path));
    const counts = (await Promise.all(loads)).map((loaded) => (loaded.ok ? loaded.value.users.length : 0));
    expect(counts).toEqual([3, 30, 300]);
  });
});
