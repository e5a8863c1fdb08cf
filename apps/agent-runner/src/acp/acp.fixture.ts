import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished, vi } from "vitest";
import type { McpServer } from "../container-json.ts";
import { providerPlace } from "../provider.fixture.ts";
import type { Provider, ProviderError } from "../provider.ts";
import { acp, type AcpAgent } from "./acp.ts";
import type { AcpLaunch } from "./acp-program.ts";
import { readPaths } from "./opencode-folder.ts";

const program = join(import.meta.dirname, "../../../../test-fixtures/programs/fake-acp.mjs");

/** The scripted agent of `test-fixtures`, as a provider. */
export type FakeAcp = {
  /** A new runner's provider in the same folder, as after a kill of the one before. */
  readonly provider: () => Provider;
  /** Its working folder. */
  readonly cwd: string;
  /** What the agent noted under this name. */
  readonly noted: (name: string) => readonly unknown[];
  /** Those of these names under which it noted something, in their order. */
  readonly order: (...names: readonly string[]) => readonly string[];
  /** Resolves with the agent's process id, once it waits in a turn. */
  readonly waits: () => Promise<number>;
  /** The commands that its tool ran. */
  readonly ran: () => string;
};

type FakeOptions = {
  /** What the protocol leaves open; without it as OpenCode. */
  readonly facts?: Partial<AcpAgent>;
  readonly lacks?: string;
  readonly mcpServers?: Readonly<Record<string, McpServer>>;
  /** Why it may not work in its folder before a turn. */
  readonly refusal?: () => ProviderError | null;
  /** Writes this to its standard error when it starts. */
  readonly says?: () => string;
  readonly signIn?: Required<AcpLaunch>["signIn"] | null;
};

export const fakeAcp = ({
  facts = {},
  lacks = "",
  mcpServers = {},
  refusal = () => null,
  says = () => "",
  signIn = null,
}: FakeOptions = {}): FakeAcp => {
  const place = providerPlace({ env: process.env, json: { mcpServers } });
  const { folder } = place;
  const providers: Provider[] = [];
  onTestFinished(() => {
    for (const provider of providers) provider.stop();
  });
  const noted = (name: string): readonly unknown[] =>
    textIn(join(folder, "log"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .flatMap((line) => (name in line ? [line[name]] : []));
  return {
    noted,
    order: (...names) =>
      textIn(join(folder, "log"))
        .split("\n")
        .flatMap((line) => names.filter((name) => line.startsWith(`{${JSON.stringify(name)}:`))),
    cwd: place.cwd,
    provider: () => {
      const made = acp({
        name: "fake",
        prepare: async ({ cwd, env }) => ({
          command: [process.execPath, program],
          cwd,
          install: "npm install --global fake",
          env: { ...env, FAKE_ACP: folder, FAKE_ACP_LACKS: lacks, FAKE_ACP_SAYS: says() },
          isLog: (line) => line.startsWith("log: "),
          ...(signIn === null ? {} : { signIn }),
        }),
        failedServer: (line) => {
          const [, name] = /^log: (\w+) failed$/.exec(line) ?? [];
          return name === undefined ? null : { name, failure: "unknown" };
        },
        refusal: () => Promise.resolve(refusal()),
        mode: null,
        options: {},
        nameOfKind: {},
        notice: null,
        takesServers: true,
        inputIn: "report",
        denialEnds: false,
        errorPrefix: null,
        turnError: null,
        toolTimeMs: (tool) => (tool === "shell" ? 1_000 : null),
        readPaths,
        ...facts,
      })(place);
      providers.push(made);
      return made;
    },
    waits: () => vi.waitUntil(() => noted("waits").at(-1) as number | undefined),
    ran: () => textIn(join(folder, "ran")),
  };
};

const textIn = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
