import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, inject } from "vitest";
import { openSqlite } from "@nc/container-config/node";
import { sql } from "kysely";
import { ranCli, type RanCli } from "../ran-cli.fixture.ts";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import type { ImportReport } from "@gatehouse/nanoclaw-import";

const make = fileURLToPath(new URL("../../../../test-fixtures/nanoclaw/make.mjs", import.meta.url));

export type Release = "2.0.0" | "2.0.45" | "2.0.48";

/** A nanoclaw folder of a release; `--killed` leaves its rows in the write-ahead log. */
export const nanoclawFolder = (release: Release = "2.0.45", ...flags: readonly "--killed"[]): string => {
  const folder = join(temporaryFolder(), "nanoclaw");
  cpSync(made(release, flags), folder, { recursive: true, verbatimSymlinks: true });
  return folder;
};

/** Made once in a run, beside the programs that the run removes at its end: tests take some sixty copies. */
const made = (release: Release, flags: readonly string[]): string => {
  const folder = join(dirname(inject("programs").gatehouse), ["nanoclaw", release, ...flags].join("-"));
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  const { status, signal, stderr } = spawnSync(process.execPath, [make, fresh, release, ...flags], {
    encoding: "utf8",
  });
  if (status !== 0 && signal !== "SIGKILL") expect.fail(stderr);
  try {
    renameSync(fresh, folder);
  } catch {
    // Another worker was first.
    return fresh;
  }
  return folder;
};

/** Runs `gatehouse import` on a data folder, in this process. */
export const runImport = (dataDir: string, folder: string, ...flags: readonly string[]): Promise<RanCli> =>
  ranCli({ dataDir }, "import", folder, "--yes", ...flags);

/** Runs statements on the database of a nanoclaw folder. */
export const changeDatabase = async (folder: string, ...statements: readonly string[]): Promise<void> => {
  const opened = await openSqlite(join(folder, "data", "v2.db"));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  for (const statement of statements) await sql.raw(statement).execute(opened.value.db);
  await opened.value.close();
};

/** Runs `gatehouse import`, expects success, and returns the report. */
export const imported = async (dataDir: string, folder: string): Promise<ImportReport> => {
  const { code, stdout, stderr } = await runImport(dataDir, folder, "--json");
  expect({ code, stderr, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stderr: "", stdout: "" });
  const { ok, ...report } = JSON.parse(stdout) as ImportReport & { ok: boolean };
  expect(ok).toBe(true);
  return report;
};

/** The content of a folder, by path: mode, time of change, and the file's hash or the link's target. */
export const contentsOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => {
      const stat = lstatSync(join(folder, path));
      const what = stat.isSymbolicLink()
        ? readlinkSync(join(folder, path))
        : stat.isFile()
          ? createHash("sha256")
              .update(readFileSync(join(folder, path)))
              .digest("hex")
          : "";
      return [path, `${stat.mode.toString(8)} ${stat.mtimeMs} ${what}`];
    }),
  );
