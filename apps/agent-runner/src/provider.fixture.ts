import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ToolDecision, ToolRequest } from "@gatehouse/session-rows/messages";
import { chatMessage } from "./agent-side.fixture.ts";
import { hostToolsOf } from "./host-tools/host-tools.ts";
import type { Prompt, Provider, ProviderError, ProviderPlace, TurnTools } from "./provider.ts";

/** A program of the agent that ends at once, in place of the host tools. */
export const toolProgram: ProviderPlace["toolProgram"] = { command: "false", args: [], env: {} };

/** The fields that a test changes in its place. */
export type PlaceOptions = Partial<Omit<ProviderPlace, "json">> & {
  readonly json?: Partial<ProviderPlace["json"]>;
};

/** A workload in a folder of its own, without a gateway. The test's end removes it. */
export const providerPlace = ({ json = {}, ...rest }: PlaceOptions = {}): ProviderPlace => {
  const folder = mkdtempSync(join(tmpdir(), "provider-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const name of ["in/skills", "out", "work", "bin"]) mkdirSync(join(folder, name), { recursive: true });
  return {
    folder,
    cwd: join(folder, "work"),
    env: {},
    gateway: null,
    toolProgram,
    ...rest,
    json: {
      groupId: "ag-1",
      assistantName: "Ada",
      provider: "fake",
      model: null,
      effort: null,
      mcpServers: {},
      maxMessagesPerPrompt: 10,
      ownProvider: null,
      timezone: "UTC",
      ...json,
    },
  };
};

/** A place whose PATH has a program of this name, a shell script; null for no such program. */
export const placeWithProgram = (name: string, script: string | null): ProviderPlace => {
  const place = providerPlace({ json: { provider: name } });
  const bin = join(place.folder, "bin");
  if (script !== null) writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  if (script !== null) chmodSync(join(bin, name), 0o755);
  return { ...place, env: { PATH: script === null ? bin : `${bin}:/usr/bin:/bin` } };
};

/** A prompt of one message, `m-1`. */
export const promptOf = (text: string, batch = "b-1"): Prompt => ({
  messages: [chatMessage("m-1", text)],
  notes: [],
  batch,
});

/** The tools of a turn, and the uses that a provider made of them. */
export type SeenTools = TurnTools & {
  readonly abort: AbortController;
  readonly asked: readonly ToolRequest[];
  /** The tools that were declared. */
  readonly declared: readonly unknown[];
  /** The texts that were shown while the agent wrote. */
  readonly shown: readonly string[];
};

const noHost = (): Promise<never> => Promise.reject(new Error("no host"));

/** Tools whose prompts are the texts of the messages. Every request for a tool gets the decision. */
export const turnTools = (
  decision: ToolDecision = { behavior: "allow" },
  rest: Partial<TurnTools> = {},
): SeenTools => {
  const abort = new AbortController();
  const [asked, declared, shown]: [ToolRequest[], unknown[], string[]] = [[], [], []];
  return {
    abort,
    asked,
    declared,
    shown,
    signal: abort.signal,
    destinations: [],
    toolRules: [],
    promptText: ({ messages }) =>
      messages.map(({ content }) => (content as { text: string }).text).join("\n"),
    attachmentsOf: () => [],
    ncl: noHost,
    hostTools: hostToolsOf({ send: noHost, ncl: noHost, groupId: "ag-1" }),
    askTool: (request) => (asked.push(request), Promise.resolve(decision)),
    setTool: (tool) => void declared.push(tool),
    showText: (text) => void shown.push(text),
    ...rest,
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
