import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { withFolder } from "./allow-list.ts";
import {
  addMountsOfGroups,
  allowListFileIn,
  changeAllowList,
  mountRuleIn,
  readAllowList,
} from "./allow-list-file.ts";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "mounts-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

const notes = { hostPath: "/srv/notes", containerPath: "/workspace/extra/notes" };

test("mountRuleIn without a file allows no mounts", async () => {
  const dataDir = folder();
  expect(await readAllowList(dataDir)).toEqual({ ok: true, value: null });
  expect((await mountRuleIn(dataDir))(notes)).toMatchObject({ ok: false });
});

test("changeAllowList keeps concurrent changes, in a file of this account alone", async () => {
  const dataDir = folder();
  const paths = ["/a", "/b", "/c", "/d"];
  await Promise.all(
    paths.map((path) =>
      changeAllowList(dataDir, (list) => ({
        ...list,
        folders: withFolder(list.folders, { path, access: "read" }),
      })),
    ),
  );
  const read = await readAllowList(dataDir);
  expect(read.ok ? read.value?.folders.map(({ path }) => path) : read.error).toEqual(paths);
  expect((statSync(allowListFileIn(dataDir)).mode & 0o777).toString(8)).toBe("600");
});

test.for([
  {
    what: "a file that others may write",
    text: '{"v":1,"hasGroups":true,"folders":[{"path":"/","access":"write"}]}',
    mode: 0o622,
  },
  { what: "a broken file", text: "{", mode: 0o600 },
])("the list in $what allows no mounts, and is not overwritten", async ({ text, mode }) => {
  const dataDir = folder();
  const file = allowListFileIn(dataDir);
  writeFileSync(file, text);
  chmodSync(file, mode);
  const problem = { ok: false, error: { code: "mounts-unreadable", file } };
  expect(await readAllowList(dataDir)).toMatchObject(problem);
  expect((await mountRuleIn(dataDir))(notes)).toMatchObject({ ok: false, error: /cannot be read/ });
  expect(await changeAllowList(dataDir, (list) => list)).toMatchObject(problem);
  expect(await addMountsOfGroups(dataDir, [])).toMatchObject(problem);
});

test("addMountsOfGroups adds groups' mounts once, and keeps the operator's entries", async () => {
  const dataDir = folder();
  await changeAllowList(dataDir, (list) => ({ ...list, folders: [{ path: "/mnt", access: "read" }] }));
  expect(await addMountsOfGroups(dataDir, [{ ...notes, readonly: false }])).toEqual({
    ok: true,
    value: [{ path: "/srv/notes", access: "write" }],
  });
  const folders = [
    { path: "/mnt", access: "read" },
    { path: "/srv/notes", access: "write" },
  ];
  expect(await readAllowList(dataDir)).toEqual({ ok: true, value: { folders, hasGroups: true } });
  expect(await addMountsOfGroups(dataDir, [{ ...notes, hostPath: "/opt" }])).toEqual({ ok: true, value: [] });
  expect(await readAllowList(dataDir)).toEqual({ ok: true, value: { folders, hasGroups: true } });
});
