import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";

const { gatehouse } = inject("programs");

/** npm leaves the native part out with --omit=optional, or by a lock file of another system. */
const withoutNativePart = `
const Module = require("node:module");
const load = Module._load;
Module._load = (name, ...rest) => {
  if (/^@libsql\\//.test(name))
    throw Object.assign(new Error("Cannot find module '" + name + "'\\nRequire stack:\\n- a"), { code: "MODULE_NOT_FOUND" });
  return load(name, ...rest);
};`;

test.for([
  { args: ["init", "--name", "Ana", "--folder", "ana"], status: 1 },
  { args: ["doctor"], status: 1 },
])("gatehouse $args.0 says how to install SQLite's native part", { tags: ["slow"] }, ({ args, status }) => {
  const folder = temporaryFolder();
  const preload = join(folder, "preload.cjs");
  writeFileSync(preload, withoutNativePart);
  const env = { PATH: process.env["PATH"], HOME: folder, NODE_OPTIONS: `--require ${preload}` };
  const data = ["--data", join(folder, "data")];
  const ran = spawnSync(process.execPath, [gatehouse, ...args, ...data], { env, encoding: "utf8" });
  const said = `${ran.stdout}${ran.stderr}`;
  expect(ran.status).toBe(status);
  expect(said).toContain("SQLite's native part cannot be loaded: Error: Cannot find module '@libsql/");
  expect(said).toContain("npm install --include=optional");
  expect(said).not.toContain("Require stack");
  expect(said).not.toMatch(/^ +at /m);
});
