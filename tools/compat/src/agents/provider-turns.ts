import { randomUUID } from "node:crypto";
import {
  hostToolsOf,
  type ContainerJson,
  type Prompt,
  type Provider,
  type ProviderPlace,
  type TurnTools,
} from "@gatehouse/agent-runner/claude";
import { pathFor } from "../clis/cli-cache.ts";
import type { HostedCli, Stage } from "./agent-check.ts";
import type { AgentCli } from "./agent-clis.ts";

/** One agent without a host. */
export type OwnAgent = {
  readonly place: ProviderPlace;
  /** A new runner's provider, as after a kill of the one before. */
  readonly provider: () => Provider;
};

const plain: Omit<ContainerJson, "provider"> = {
  groupId: "ag-1",
  assistantName: "Ada",
  model: null,
  effort: null,
  mcpServers: {},
  maxMessagesPerPrompt: 10,
  ownProvider: null,
  timezone: "UTC",
};

/** Makes an agent's folders. */
export const ownAgent = (
  { box, cli, agentCli, model }: Stage<HostedCli & Pick<AgentCli, "provider">>,
  json: Partial<ContainerJson> = {},
): OwnAgent => {
  const place: ProviderPlace = {
    folder: box.folder("session"),
    cwd: box.folder("session/work"),
    // As a host's workload, it has a folder for temporary files: OpenCode leaves some.
    env: { ...box.env, PATH: pathFor(cli.path, box.env["PATH"]), TMPDIR: box.folder("session/tmp") },
    gateway: {
      url: model.url,
      tokenCommand: "echo token-of-the-agent",
      tokenFile: box.path("session/token"),
    },
    toolProgram: { command: "false", args: [], env: {} },
    json: { ...plain, provider: cli.provider, ...json },
  };
  box.folder("session/in/skills");
  box.write("session/token", "token-of-the-agent");
  return { place, provider: () => agentCli.provider(place) };
};

/** The tools of a turn, with everything allowed. */
export const turnTools = (signal: AbortSignal, rest: Partial<TurnTools> = {}): TurnTools => ({
  signal,
  promptText: ({ messages }) => messages.map(({ content }) => (content as { text: string }).text).join("\n"),
  destinations: [],
  toolRules: [],
  attachmentsOf: () => [],
  ncl: () => Promise.reject(new Error("no host")),
  hostTools: hostToolsOf({
    groupId: "ag-1",
    send: () => Promise.reject(new Error("no host")),
    ncl: () => Promise.reject(new Error("no host")),
  }),
  askTool: () => Promise.resolve({ behavior: "allow" }),
  setTool: () => {},
  showText: () => {},
  ...rest,
});

/** The message of a person. */
const messageOf = (id: string, text: string) => ({
  id,
  kind: "chat" as const,
  content: { text },
  trigger: true,
  onWake: false,
  seq: 2,
  tries: 0,
  timestamp: "2026-01-01T00:00:00.000Z",
  sourceSessionId: null,
  processAfter: null,
  channelType: "local",
  platformId: "ana",
  threadId: null,
});

/** A prompt of a batch of its own. */
export const promptOf = (id: string, text: string): Prompt => ({
  messages: [messageOf(id, text)],
  notes: [],
  batch: randomUUID(),
});
