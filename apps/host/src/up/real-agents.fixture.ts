import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openScriptedModel } from "@gatehouse/model-stand-in/testing";
import { onTestFinished } from "vitest";
import { buildAgents, type TestEngine } from "./engines.fixture.ts";

const tinyAptGet = fileURLToPath(
  new URL("../../../../test-fixtures/programs/tiny-apt-get.sh", import.meta.url),
);
/** A key of a vendor, which no agent may find. */
export const key = "sk-test-planted-0123456789";

/** The native program of an installed CLI; null if its variable names none. */
const native = (variable: string, below: string): string | null => {
  const file = process.env[variable];
  if (file === undefined) return null;
  const found = below === "" ? realpathSync(file) : join(dirname(realpathSync(file)), below);
  return existsSync(found) ? found : null;
};
const musl = "../../codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex";
/** A CLI of a vendor, and its native program; null if there is none. */
export type RealCli = {
  readonly provider: "claude" | "codex";
  readonly vendor: "anthropic" | "openai";
  readonly file: string | null;
};

export const clis: readonly [RealCli, RealCli] = [
  { provider: "claude", vendor: "anthropic", file: native("GATEHOUSE_TEST_CLAUDE", "") },
  { provider: "codex", vendor: "openai", file: native("GATEHOUSE_TEST_CODEX", musl) },
];

/** The native programs of the installed CLIs, by name. Codex starts a second program from its own folder. */
const nativePrograms = (): Readonly<Record<string, string>> => {
  const named = clis.flatMap(({ provider, file }) => {
    if (file === null) return [];
    const beside = join(dirname(file), "codex-code-mode-host");
    return [[provider, file], ...(existsSync(beside) ? [["codex-code-mode-host", beside]] : [])];
  });
  return Object.fromEntries(named) as Readonly<Record<string, string>>;
};

const builds = new Map<string, Promise<void>>();

/** Builds the image of agents with the installed CLIs. All tests of an engine share one build, which takes long. */
export const agentsBuilt = (engine: TestEngine): Promise<void> => {
  const programs = { ...nativePrograms(), "apt-get": tinyAptGet };
  const build = builds.get(engine.name) ?? buildAgents(engine, programs);
  builds.set(engine.name, build);
  return build;
};

/** Serves the stand-in of the models' APIs. `asked` returns the requests so far. */
export const openModel = async (): Promise<{ readonly address: string; readonly asked: () => string }> => {
  const { url, requests, close } = await openScriptedModel();
  onTestFinished(close);
  return { address: url, asked: () => requests.map((request) => JSON.stringify(request)).join("\n") };
};

/** The relative paths of the plain files below a folder that contain the key. */
export const filesWithKey = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(key))
    .map((file) => relative(folder, file));
