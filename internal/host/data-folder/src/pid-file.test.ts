import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { pidFileIn, removePid, writePid } from "./pid-file.ts";
import { tempFolder } from "@gatehouse/socket-server/testing";

const own = `${process.pid}\n`;

describe("writePid", () => {
  test("replaces the file, readable only by its owner, and leaves no other file", async () => {
    const folder = tempFolder();
    writeFileSync(pidFileIn(folder), "1\n", { mode: 0o644 });
    await writePid(pidFileIn(folder));
    expect(readdirSync(folder)).toEqual(["host.pid"]);
    expect(readFileSync(pidFileIn(folder), "utf8")).toBe(own);
    expect(statSync(pidFileIn(folder)).mode & 0o777).toBe(0o600);
  });

  test("leaves no temporary file if it fails, since repeated starts would fill the folder", async () => {
    const folder = tempFolder();
    mkdirSync(join(pidFileIn(folder), "not empty"), { recursive: true });
    await expect(writePid(pidFileIn(folder))).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder)).toEqual(["host.pid"]);
  });
});

describe("removePid", () => {
  test.each([
    { what: "removes the file with this process's id", content: own, left: [] },
    { what: "keeps the file of another host", content: `${process.pid}1\n`, left: ["host.pid"] },
    { what: "does nothing without a file", content: null, left: [] },
  ])("$what", ({ content, left }) => {
    const folder = tempFolder();
    if (content !== null) writeFileSync(pidFileIn(folder), content);
    removePid(pidFileIn(folder));
    expect(readdirSync(folder)).toEqual(left);
  });
});
