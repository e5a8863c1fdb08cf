import {
  methods,
  RequestError,
  type InitializeResponse,
  type McpServer as AcpServer,
} from "@agentclientprotocol/sdk";
import { fail, ok, type Result } from "@gatehouse/std";
import type { McpServer } from "../container-json.ts";
import type { ProviderError } from "../provider.ts";
import type { AcpLaunch, AcpProgram } from "./acp-program.ts";

/** The conversation that a new process takes up, and the servers that it gets. */
export type SessionOptions = {
  /** The id of the session to resume; null for a new one. */
  readonly conversation: string | null;
  readonly cwd: string;
  readonly mcpServers: Readonly<Record<string, McpServer>>;
  /** The sign-in of the agent's launch. */
  readonly signIn: AcpLaunch["signIn"];
  /** The id of the mode in which every tool is asked for; null if a session begins in it. */
  readonly mode: string | null;
  /** The values to set, by the ids of the session's options. */
  readonly options: Readonly<Record<string, string>>;
};

/** The session of a process. */
export type OpenSession = {
  readonly id: string;
  /** The agent takes images in a prompt. */
  readonly takesImages: boolean;
};

/** The number that the runner offers. Adapters answer a larger one with a draft, in which a prompt is answered before it ran. */
export const protocolVersion = 1;

/** Introduces the runner. The error is another version of the protocol. */
export const introduce = async (program: AcpProgram): Promise<Result<InitializeResponse, ProviderError>> => {
  const began = await program.agent.request(methods.agent.initialize, {
    protocolVersion,
    // The agent reads files and runs commands itself, as its own account.
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    clientInfo: { name: "gatehouse", version: "1" },
  });
  return began.protocolVersion === protocolVersion
    ? ok(began)
    : failed(
        `The agent speaks version ${began.protocolVersion} of the Agent Client Protocol, not ${protocolVersion}.`,
      );
};

/** Whether a new process of the agent can go on with a session. */
export const canResume = ({ agentCapabilities }: InitializeResponse): boolean =>
  mayResumeIn(agentCapabilities) || agentCapabilities?.loadSession === true;

const mayResumeIn = (capabilities: InitializeResponse["agentCapabilities"]): boolean =>
  (capabilities?.sessionCapabilities?.resume ?? null) !== null;

/** Opens the one session of a process, with the mode and the options of a session that are wanted. */
export const openSession = async (
  program: AcpProgram,
  options: SessionOptions,
): Promise<Result<OpenSession, ProviderError>> => {
  const opened = await newOrKept(program, options);
  if (!opened.ok) return opened;
  const { agent } = program;
  const { id: sessionId } = opened.value;
  if (options.mode !== null)
    await agent.request(methods.agent.session.setMode, { sessionId, modeId: options.mode });
  for (const [configId, value] of Object.entries(options.options))
    await agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value });
  return opened;
};

const newOrKept = async (
  program: AcpProgram,
  { conversation, cwd, mcpServers: servers, signIn }: SessionOptions,
): Promise<Result<OpenSession, ProviderError>> => {
  const introduced = await introduce(program);
  if (!introduced.ok) return introduced;
  const began = introduced.value;
  const given = serversFor(began, servers);
  if (!given.ok) return given;
  const mcpServers = given.value;
  if (signIn !== undefined) await program.agent.request(methods.agent.authenticate, signIn);
  const takesImages = began.agentCapabilities?.promptCapabilities?.image === true;
  if (conversation === null) {
    const { sessionId: id } = await program.agent.request(methods.agent.session.new, { cwd, mcpServers });
    return ok({ id, takesImages });
  }
  if (!canResume(began)) return invalid("The agent cannot resume a session.");
  try {
    const params = { sessionId: conversation, cwd, mcpServers };
    // `session/load` repeats the whole conversation as updates.
    await (mayResumeIn(began.agentCapabilities)
      ? program.agent.request(methods.agent.session.resume, params)
      : program.agent.request(methods.agent.session.load, params));
    return ok({ id: conversation, takesImages });
  } catch (error) {
    // No code says that the session is unknown: OpenCode 1.18.33 answers with an internal error.
    if (error instanceof RequestError) return invalid(`The agent has no session ${conversation}.`);
    throw error;
  }
};

const invalid = (message: string): Result<never, ProviderError> =>
  fail({ code: "invalid-conversation", message });

const failed = (message: string): Result<never, ProviderError> => fail({ code: "failed", message });

/** The group's MCP servers in the protocol's form. */
const serversFor = (
  { agentCapabilities }: InitializeResponse,
  servers: SessionOptions["mcpServers"],
): Result<AcpServer[], ProviderError> => {
  const [remote] = Object.entries(servers).find(([, { url }]) => url !== undefined) ?? [];
  if (remote !== undefined && agentCapabilities?.mcpCapabilities?.http !== true)
    return failed(
      `The agent cannot reach the MCP server "${remote}": it knows programs only, and no addresses.`,
    );
  return ok(
    Object.entries(servers).map(([name, { command = "", args = [], env = {}, url, headers = {} }]) =>
      url === undefined
        ? { name, command, args: [...args], env: pairs(env) }
        : { type: "http", name, url, headers: pairs(headers) },
    ),
  );
};

const pairs = (values: Readonly<Record<string, string>>): { name: string; value: string }[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
