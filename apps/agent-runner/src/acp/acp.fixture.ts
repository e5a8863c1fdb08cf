import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished, vi } from "vitest";
import type { ToolDecision, ToolRequest } from "@gatehouse/session-rows/messages";
import { hostToolsOf } from "../host-tools/host-tools.ts";
import { chatMessage } from "../agent-side.fixture.ts";
import type { McpServer } from "../container-json.ts";
import type { Prompt, Provider, ProviderError, ProviderPlace, TurnTools } from "../provider.ts";
import { acp } from "./acp.ts";

const program = join(import.meta.dirname, "../../../../test-fixtures/programs/fake-acp.mjs");

/** The scripted agent of `test-fixtures`, as a provider. */
export type FakeAcp = {
  /** A new runner's provider in the same folder, as after a kill of the one before. */
  readonly provider: () => Provider;
  /** What the agent noted under this name. */
  readonly noted: (name: string) => readonly unknown[];
  /** Resolves with the agent's process id, once it waits in a turn. */
  readonly waits: () => Promise<number>;
  /** The commands that its tool ran. */
  readonly ran: () => string;
};

/** A server of host tools that ends at once. */
export const toolProgram: ProviderPlace["toolProgram"] = { command: "false", args: [], env: {} };

type FakeOptions = {
  readonly lacks?: string;
  readonly mcpServers?: Readonly<Record<string, McpServer>>;
  readonly command?: readonly [string, ...string[]];
};

export const fakeAcp = ({
  lacks = "",
  mcpServers = {},
  command = [process.execPath, program],
}: FakeOptions = {}): FakeAcp => {
  const folder = mkdtempSync(join(tmpdir(), "acp-"));
  mkdirSync(join(folder, "out"));
  const providers: Provider[] = [];
  onTestFinished(() => {
    for (const provider of providers) provider.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const json = {
    ...{ groupId: "ag-1", assistantName: "Ada", provider: "fake", model: null, effort: null },
    ...{ mcpServers, maxMessagesPerPrompt: 10, timezone: "UTC" },
  };
  const place: ProviderPlace = { folder, cwd: folder, env: process.env, json, gateway: null, toolProgram };
  const noted = (name: string): readonly unknown[] =>
    textIn(join(folder, "log"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .flatMap((line) => (name in line ? [line[name]] : []));
  return {
    noted,
    provider: () => {
      const made = acp({
        name: "fake",
        prepare: async ({ cwd, env }) => ({
          ...{ command, cwd, install: "npm install --global fake" },
          env: { ...env, FAKE_ACP: folder, FAKE_ACP_LACKS: lacks },
        }),
        toolTimeMs: (tool) => (tool === "shell" ? 1_000 : null),
      })(place);
      providers.push(made);
      return made;
    },
    waits: () => vi.waitUntil(() => noted("waits").at(-1) as number | undefined, { timeout: 10_000 }),
    ran: () => textIn(join(folder, "ran")),
  };
};

const textIn = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

export const promptOf = (text: string, batch = "b-1"): Prompt => ({
  messages: [chatMessage("m-1", text)],
  notes: [],
  batch,
});

/** The tools of a turn, and what was asked and declared by them. */
export type SeenTools = TurnTools & {
  readonly abort: AbortController;
  readonly asked: readonly ToolRequest[];
  readonly declared: readonly unknown[];
  /** The texts that were shown while the agent wrote. */
  readonly shown: readonly string[];
};

const noHost = (): Promise<never> => Promise.reject(new Error("no host"));

/** Every tool gets the decision. */
export const turnTools = (decision: ToolDecision = { behavior: "allow" }): SeenTools => {
  const abort = new AbortController();
  const [asked, declared, shown]: [ToolRequest[], unknown[], string[]] = [[], [], []];
  return {
    ...{ abort, asked, declared, shown, signal: abort.signal, destinations: [] },
    promptText: ({ messages }) =>
      messages.map(({ content }) => (content as { text: string }).text).join("\n"),
    attachmentsOf: () => [],
    onFollowUp: () => {},
    ncl: noHost,
    toolRules: [],
    hostTools: hostToolsOf({ send: noHost, ncl: noHost, groupId: "ag-1" }),
    askTool: (request) => (asked.push(request), Promise.resolve(decision)),
    setTool: (tool) => void declared.push(tool),
    showText: (text) => void shown.push(text),
  };
};

/** One turn: the texts of its answers, or its error. */
export const say = async (
  provider: Provider,
  text: string,
  tools: TurnTools = turnTools(),
  batch = "b-1",
): Promise<readonly string[] | ProviderError> => {
  const turn = await provider.turn(promptOf(text, batch), tools);
  return turn.ok ? turn.value.answers.map((answer) => answer.text) : turn.error;
};
