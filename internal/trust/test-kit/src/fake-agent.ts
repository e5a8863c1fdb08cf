import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { agentClis, type Provider } from "@trust/preflight";
import type { Bed } from "./fake-claude.ts";

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-agent.mjs", import.meta.url));

/** The screens and files of the fake agent; its own file documents the fields. */
export type AgentScript = {
  readonly title?: readonly string[];
  readonly options?: readonly string[];
  readonly below?: readonly string[];
  readonly pointer?: string;
  readonly saves?: {
    readonly [label: string]: {
      readonly file: string;
      readonly text?: string;
      readonly entry?: string;
      readonly namedAfterMs?: number;
    };
  };
  readonly then: readonly string[];
};

type AgentEvent = {
  readonly cwd: string;
  readonly event: "start" | "answer";
  readonly label?: string;
  readonly env?: readonly string[];
};

/**
 * Installs a fake agent as npm would, under a provider's name on the test machine's PATH. Returns a function
 * that reads its log.
 */
export const installAgent = (
  bed: Bed,
  provider: Provider,
  script: AgentScript,
): (() => readonly AgentEvent[]) => {
  const { file, npmPackage, npmVersion } = agentClis[provider];
  const home = join(bed.root, "lib", "node_modules", npmPackage);
  const [bin, log] = [join(home, "agent.mjs"), join(bed.root, "bin", "fake-agent.log")];
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: npmPackage, version: npmVersion }));
  writeFileSync(bin, readFileSync(program));
  chmodSync(bin, 0o755);
  symlinkSync(bin, join(bed.root, "bin", file));
  writeFileSync(join(bed.root, "bin", "fake-agent.json"), JSON.stringify(script));
  return () =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as AgentEvent)
      : [];
};
