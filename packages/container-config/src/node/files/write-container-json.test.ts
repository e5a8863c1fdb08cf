import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { containerJson } from "../../container-json.ts";
import { initialSettings } from "../../fields/fields.ts";
import { writeContainerJson } from "./write-container-json.ts";

const root = mkdtempSync(join(tmpdir(), "container-json-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let groupsDir = "";
let file = "";
beforeEach(() => {
  groupsDir = mkdtempSync(join(root, "groups-"));
  mkdirSync(join(groupsDir, "notes"));
  file = join(groupsDir, "notes", "container.json");
});
const json = containerJson(initialSettings, { id: "ag-1", name: "Notes" });
const write = (folder = "notes", content = json) => writeContainerJson({ groupsDir, folder }, content);

describe("writeContainerJson", () => {
  test("does not replace the file of a newer host, and checks that right before the rename", async () => {
    await write();
    const place = { groupsDir, folder: "notes" };
    const changed = { ...json, model: "sonnet" };
    const unfinished: number[] = [];
    const isOurs = async (): Promise<boolean> => {
      unfinished.push(readdirSync(join(groupsDir, "notes")).length);
      return false;
    };
    expect(await writeContainerJson(place, changed, isOurs)).toEqual({
      ok: false,
      error: { code: "taken-over", file },
    });
    expect(unfinished).toEqual([2]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(json);
    expect(readdirSync(join(groupsDir, "notes"))).toEqual(["container.json"]);
  });

  test("writes a file with mode 0600, and leaves no other file", async () => {
    expect(await write()).toEqual({ ok: true, value: "written" });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(json);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(groupsDir, "notes"))).toEqual(["container.json"]);
  });

  test("does not write a file with the same text", async () => {
    await write();
    const before = statSync(file);
    expect(await write()).toEqual({ ok: true, value: "unchanged" });
    expect(statSync(file)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  test("replaces a file with another text in one step, and keeps its mode", async () => {
    writeFileSync(file, "{");
    chmodSync(file, 0o640);
    const before = statSync(file);
    expect(await write()).toEqual({ ok: true, value: "written" });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(statSync(file).ino).not.toBe(before.ino);
  });

  test("replaces a link, and writes nothing to its target", async () => {
    const target = join(root, "target");
    writeFileSync(target, "mine");
    symlinkSync(target, file);
    expect(await write()).toEqual({ ok: true, value: "written" });
    expect(readFileSync(target, "utf8")).toBe("mine");
    expect(lstatSync(file).isFile()).toBe(true);
  });

  test("fails if the path is a folder, and leaves no other file", async () => {
    mkdirSync(file);
    expect(await write()).toEqual({ ok: false, error: { code: "file-unwritable", file, detail: "EISDIR" } });
    expect(readdirSync(join(groupsDir, "notes"))).toEqual(["container.json"]);
  });

  test.each([
    { folder: "../notes", detail: "EINVAL" },
    { folder: "..", detail: "EINVAL" },
    { folder: "", detail: "EINVAL" },
    { folder: "a/b", detail: "EINVAL" },
    { folder: "missing", detail: "ENOENT" },
  ])("refuses $folder, which is not a group's folder", async ({ folder, detail }) => {
    expect(await write(folder)).toEqual({ ok: false, error: { code: "not-a-group-folder", folder, detail } });
  });

  test("refuses a folder that is a link out of the groups folder", async () => {
    symlinkSync(root, join(groupsDir, "linked"));
    expect(await write("linked")).toMatchObject({ error: { code: "not-a-group-folder", detail: "ELOOP" } });
    expect(readdirSync(root)).not.toContain("container.json");
  });
});
