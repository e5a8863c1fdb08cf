// `gatehouse` of a later version, which has one more migration. It writes its steps on the database and its copies to the file
// GATEHOUSE_STEPS. At the step GATEHOUSE_KILL_AT it gets SIGKILL: before that step, or GATEHOUSE_KILL_MS later.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import fs from "node:fs/promises";
import { createRequire, syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { becomeLater } from "@gatehouse/central-database/testing/later";

const { GATEHOUSE_STEPS: file = "", GATEHOUSE_KILL_AT: killAt, GATEHOUSE_KILL_MS: killMs } = process.env;
for (const name of ["GATEHOUSE_STEPS", "GATEHOUSE_KILL_AT", "GATEHOUSE_KILL_MS"])
  Reflect.deleteProperty(process.env, name);

let [count, last] = [0, ""];
/** Steps of the same name that follow each other are one. */
const step = (name: string): void => {
  if (file === "" || name === last) return;
  last = name;
  count += 1;
  appendFileSync(file, `${name}\n`);
  if (count !== Number(killAt)) return;
  if (killMs === undefined) process.kill(process.pid, "SIGKILL");
  else spawn("sh", ["-c", `sleep ${Number(killMs) / 1_000}; kill -9 ${process.pid}`], { detached: true });
};

type Call = (...args: unknown[]) => unknown;
/** Counts the calls of a method, if `nameOf` gives its arguments a name. */
const countCalls = (owner: object, method: string, nameOf: (args: unknown[]) => string | null): void => {
  const own = Reflect.get(owner, method) as Call;
  Reflect.set(owner, method, function (this: unknown, ...args: unknown[]) {
    const name = nameOf(args);
    if (name !== null) step(name);
    return Reflect.apply(own, this, args);
  });
};

for (const method of ["open", "copyFile", "link", "rename", "chmod", "rm", "mkdir"])
  countCalls(fs, method, ([path]) => {
    const found = /(backups|gatehouse\.db)[^/]*(?:\/(.*))?$/.exec(String(path));
    return found === null ? null : `${method} ${found[2] === undefined ? found[1] : "copy"}`;
  });
syncBuiltinESMExports();

const nameOfSql = ([text]: unknown[]): string | null =>
  /^(vacuum into|begin|commit|create table "one_more"|insert into one_more|insert into "schema_version"|pragma (?:wal_checkpoint|integrity_check))/i.exec(
    String(text).trim(),
  )?.[0] ?? null;
const { prototype } = createRequire(import.meta.url)("libsql") as { readonly prototype: object };
countCalls(prototype, "exec", nameOfSql);
countCalls(prototype, "prepare", nameOfSql);

becomeLater();
await import("../main.ts");
