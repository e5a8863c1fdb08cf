import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { agentClis } from "@trust/preflight";
import type { Bed } from "./fake-claude.ts";

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-codex.mjs", import.meta.url));

/** The behaviour of `codex app-server`; the fake's own file documents the fields. */
export type CodexScenario = {
  readonly server?: "answers" | "unknown" | "hangs" | "exits" | "floods";
  readonly writes?: "trust" | "forget" | "silent" | "exit" | "refuse";
  readonly records?: readonly string[];
  readonly untrustsFirst?: boolean;
  readonly hidesVersion?: boolean;
  readonly staysOn?: boolean;
};

type CodexEvent = { readonly event: string; readonly method?: string };

/** A fake Codex on the test machine's PATH. */
export type CodexOfBed = {
  readonly path: string;
  readonly config: string;
  /** The number of events with this name in its log. */
  count(event: string): number;
  /** The keys that config.toml trusts, in the order of the file. */
  trusted(): readonly string[];
};

/** Installs the fake Codex as npm does, on the test machine's PATH: its bin is a link into its package. */
export const installCodex = (bed: Bed, scenario: CodexScenario = {}): CodexOfBed => {
  const { npmPackage, npmVersion } = agentClis.codex;
  const home = join(bed.root, "lib", "node_modules", npmPackage);
  const [path, log] = [join(bed.root, "bin", "codex"), join(bed.home, "fake-codex.log")];
  const config = join(bed.home, ".codex", "config.toml");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: npmPackage, version: npmVersion }));
  writeFileSync(join(home, "codex.mjs"), readFileSync(program), { mode: 0o755 });
  symlinkSync(join(home, "codex.mjs"), path);
  writeFileSync(join(bed.root, "bin", "fake-codex.json"), JSON.stringify(scenario));
  return {
    path,
    config,
    count: (event) =>
      (existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : [])
        .map((line) => JSON.parse(line) as CodexEvent)
        .filter((line) => line.event === event).length,
    trusted: () =>
      existsSync(config)
        ? [...readFileSync(config, "utf8").matchAll(/\[projects\.(".*")\]\ntrust_level = "trusted"/g)].map(
            ([, key]) => JSON.parse(key ?? "") as string,
          )
        : [],
  };
};
