import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import type { PreflightRequest } from "@trust/preflight";
import { systemCode } from "@gatehouse/std";
import { locksFolder } from "@trust/preflight/node";

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-claude.mjs", import.meta.url));

/** The fake Claude's behaviour; its own file documents the fields and their defaults. */
export type Scenario = {
  readonly [field: string]: string | number | boolean | null | readonly string[];
};

export type LogLine = {
  readonly pid: number;
  readonly cwd: string;
  readonly event: "start" | "door" | "asked" | "key" | "accepted" | "written" | "composer" | "flood" | "exit";
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly key?: string;
  readonly isLost?: boolean;
  readonly pointed?: string;
  /** For `asked`: the folder, and whether trust was requested. */
  readonly path?: string;
  readonly isAccepted?: boolean;
};

/** A throw-away machine: a HOME with a fake Claude on its PATH, a data folder, and a temporary folder. */
export type Bed = {
  readonly root: string;
  readonly home: string;
  readonly dataDir: string;
  readonly stateFile: string;
  readonly cli: string;
  /** A new folder beside HOME, with files in it; a path that ends in `/` is a folder. */
  folder(name: string, files?: { readonly [path: string]: string }): string;
  request(folders: readonly string[], more?: Partial<PreflightRequest>): PreflightRequest;
  log(): readonly LogLine[];
  /** The trusted keys of the state file. */
  trusted(): readonly string[];
  /** Things that must not remain at the end: processes, temporary files, our locks and the CLI's. */
  leftovers(): readonly string[];
};

export const setUpProfile = { hasCompletedOnboarding: true, theme: "dark" };

export const makeBed = (scenario: Scenario = {}, state: object | null = setUpProfile): Bed => {
  const root = realpathSync(mkdtempSync(join("/tmp", "preflight-bed-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [home, dataDir, temporary, bin] = ["home", "data", "tmp", "bin"].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const folder of [home, temporary, bin]) mkdirSync(folder);
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const [stateFile, cli] = [join(home, ".claude.json"), join(bin, "claude")];
  symlinkSync(program, cli);
  writeFileSync(join(bin, "fake-claude.json"), JSON.stringify(scenario));
  if (state !== null) writeFileSync(stateFile, JSON.stringify(state));

  const log = (): readonly LogLine[] => jsonLines(join(home, "fake-claude.log"));
  return {
    root,
    home,
    dataDir,
    stateFile,
    cli,
    log,
    folder: (name, files = {}) => {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(folder, path.endsWith("/") ? path : dirname(path)), { recursive: true });
        if (!path.endsWith("/")) writeFileSync(join(folder, path), text);
      }
      return folder;
    },
    request: (folders, more = {}) => ({
      folders,
      env: { HOME: home, PATH: `${bin}:${process.env["PATH"]}` },
      dataDir,
      // The bound of a hang: on a busy machine a start takes many seconds.
      timeoutMs: 120_000,
      // Tests of the control protocol override this.
      via: "dialog",
      ...more,
    }),
    trusted: () => trustedIn(stateFile),
    leftovers: () => [
      ...processesIn(root).map((pid) => `process ${pid}`),
      ...readdirSync(temporary).filter((name) => name.startsWith("workspace-trust-")),
      ...(existsSync(`${stateFile}.lock`) ? ["Claude's lock"] : []),
      ...(existsSync(locksFolder(home)) ? readdirSync(locksFolder(home)) : []),
    ],
  };
};

const jsonLines = <T>(file: string): readonly T[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as T)
    : [];

const trustedIn = (file: string): readonly string[] => {
  const { projects = {} } = JSON.parse(readFileSync(file, "utf8")) as {
    projects?: { readonly [key: string]: { readonly hasTrustDialogAccepted?: boolean } };
  };
  return Object.keys(projects).filter((key) => projects[key]?.hasTrustDialogAccepted === true);
};

/** The processes that work in a folder or below it; empty on systems other than Linux. */
const processesIn = (folder: string): readonly string[] =>
  existsSync("/proc")
    ? readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && cwdOf(pid).startsWith(`${folder}/`))
    : [];

/**
 * The working folder of a process. Empty if the process has ended meanwhile, or belongs to another account.
 */
const cwdOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    systemCode(error);
    return "";
  }
};
