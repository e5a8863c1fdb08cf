import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { runCli } from "../cli.ts";
import { hostDatabase, temporaryFolder } from "@gatehouse/central-database/testing";
import type { ImportReport } from "@gatehouse/nanoclaw-import";

const make = fileURLToPath(new URL("../../../../test-fixtures/nanoclaw/make.mjs", import.meta.url));

export type Release = "2.0.0" | "2.0.45" | "2.0.48";

/** A nanoclaw folder of a release; `--killed` leaves its rows in the write-ahead log. */
export const nanoclawFolder = (release: Release = "2.0.45", ...flags: readonly "--killed"[]): string => {
  const folder = join(temporaryFolder(), "nanoclaw");
  const { status, signal, stderr } = spawnSync(process.execPath, [make, folder, release, ...flags], {
    encoding: "utf8",
  });
  if (status !== 0 && signal !== "SIGKILL") expect.fail(stderr);
  return folder;
};

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `gatehouse import` on a data folder, in this process. */
export const runImport = async (
  dataDir: string,
  folder: string,
  ...flags: readonly string[]
): Promise<Ended> => {
  let [stdout, stderr] = ["", ""];
  const io = {
    env: { HOME: dataDir, GATEHOUSE_DATA: dataDir, GATEHOUSE_DATABASE: hostDatabase()?.url },
    cwd: "/",
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runCli(["import", folder, ...flags], "1.2.3", io);
  return { code, stdout, stderr };
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
