import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf, type Code, type Environment } from "../../index.ts";
import { runPreflight } from "../execute.ts";
import { makeBed, installCli, type Bed } from "@gatehouse/test-kit";
import { readConsents } from "../ledger-file.ts";
import { momentOf, planContext } from "../plan-full.ts";
import { strategies } from "./strategies.ts";

const stateOf = ({ home }: Bed): string => join(home, ".gemini", "trustedFolders.json");

const say = (bed: Bed, text: string): void => {
  mkdirSync(join(bed.home, ".gemini"), { recursive: true });
  writeFileSync(stateOf(bed), text);
};

type Row = {
  readonly name: string;
  /** Prepares the bed and returns the folder to name. */
  readonly folder: (bed: Bed) => string;
  readonly version?: string;
  readonly env?: Environment;
  readonly refuseGrants?: boolean;
  readonly code: Code;
  readonly exit: number;
};

/** A folder, with an entry about it in trustedFolders.json. */
const recorded = (level: string) => (bed: Bed) => {
  const folder = bed.folder("project");
  say(bed, `{ // by hand\n "${folder}": "${level}" }`);
  return folder;
};

const rows: readonly Row[] = [
  { name: "an unknown folder", folder: (bed) => bed.folder("plain"), code: "passed-at-launch", exit: 0 },
  { name: "a trusted folder", folder: recorded("TRUST_FOLDER"), code: "already-trusted", exit: 0 },
  {
    name: "a folder that the user does not trust",
    folder: recorded("DO_NOT_TRUST"),
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "an entry with an unknown trust level",
    folder: recorded("MAYBE"),
    code: "state-unreadable",
    exit: 1,
  },
  {
    name: "a neighbour of a folder whose parent is trusted",
    folder: (bed) => {
      say(bed, JSON.stringify({ [bed.folder("all/one")]: "TRUST_PARENT" }));
      return bed.folder("all/two");
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "a folder below one that is not trusted",
    folder: (bed) => {
      say(bed, JSON.stringify({ [bed.folder("above")]: "DO_NOT_TRUST" }));
      return bed.folder("above/project");
    },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "a folder whose entry leads through a symlink",
    folder: (bed) => {
      const folder = bed.folder("project");
      symlinkSync(folder, join(bed.root, "link"));
      say(bed, JSON.stringify({ [join(bed.root, "link")]: "TRUST_FOLDER" }));
      return folder;
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "a state that is not JSON",
    folder: (bed) => {
      say(bed, "torn {");
      return bed.folder("project");
    },
    code: "state-unreadable",
    exit: 1,
  },
  {
    name: "restricted mode in the caller's environment",
    folder: (bed) => bed.folder("project"),
    env: { GEMINI_RESTRICTED_MODE: "true" },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "distrust in the caller's environment, although the state trusts",
    folder: recorded("TRUST_FOLDER"),
    env: { GEMINI_CLI_TRUST_WORKSPACE: "false" },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "a folder with grants, with refuseGrants",
    folder: (bed) => bed.folder("project", { ".gemini/settings.json": '{"mcpServers":{"db":{}}}' }),
    refuseGrants: true,
    code: "grants-refused",
    exit: 1,
  },
  { name: "the home folder", folder: ({ home }) => home, code: "home-not-persistable", exit: 1 },
  { name: "the root", folder: () => "/", code: "root-refused", exit: 1 },
  {
    name: "a version without a launch option",
    folder: (bed) => bed.folder("project"),
    version: "0.38.2",
    code: "cli-too-old",
    exit: 1,
  },
];

describe("gemini", () => {
  test.each(rows)(
    "$name: $code, and nothing is started or written",
    async ({ folder, version, env, refuseGrants, code, exit }) => {
      const bed = makeBed();
      const started = installCli(bed, "gemini", version ?? "0.61.0");
      const workspace = folder(bed);
      const before = existsSync(stateOf(bed)) ? readFileSync(stateOf(bed), "utf8") : null;
      const request = bed.request([workspace], { providers: ["gemini"] });
      const report = await runPreflight({
        ...request,
        env: { ...request.env, ...env },
        ...(refuseGrants === undefined ? {} : { refuseGrants }),
      });
      expect(report.results).toMatchObject([{ workspace, provider: "gemini", code }]);
      expect(exitCodeOf(report)).toBe(exit);
      expect(existsSync(started)).toBe(false);
      expect(existsSync(stateOf(bed)) ? readFileSync(stateOf(bed), "utf8") : null).toBe(before);
    },
  );

  test("gets its flag and its variable, recorded, and the same for all folders", async () => {
    const bed = makeBed();
    installCli(bed, "gemini", "0.61.0");
    const folders = [bed.folder("one"), bed.folder("two")];
    const { results, launch } = await runPreflight(bed.request(folders, { providers: ["gemini"] }));
    const told = { settings: null, args: ["--skip-trust"], env: { GEMINI_CLI_TRUST_WORKSPACE: "true" } };
    expect(results.map((result) => result.launch)).toEqual([told, told]);
    expect(launch).toEqual({ gemini: told });
    const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
    expect(ledger.ok && ledger.value.consents.map(({ key, outcome }) => [key, outcome])).toEqual(
      folders.map((folder) => [folder, "passed-at-launch"]),
    );
  });

  test("reads its state at the path in the caller's variables", async () => {
    const bed = makeBed();
    const folder = bed.folder("project");
    const text = JSON.stringify({ [folder]: "TRUST_FOLDER" });
    const named = join(bed.folder("named", { "folders.json": text }), "folders.json");
    const other = bed.folder("other", { ".gemini/trustedFolders.json": text });
    const files = { GEMINI_CLI_TRUSTED_FOLDERS_PATH: named, GEMINI_CLI_HOME: other };
    for (const [name, value] of Object.entries(files)) {
      const request = bed.request([]);
      const context = await planContext({ ...request, env: { ...request.env, [name]: value } }, "gemini");
      expect(
        await strategies.gemini.statusReader(context, momentOf(context.home).locate)(folder),
      ).toMatchObject({
        state: "trusted",
        key: folder,
        file: name === "GEMINI_CLI_HOME" ? join(other, ".gemini/trustedFolders.json") : named,
      });
    }
  });
});
