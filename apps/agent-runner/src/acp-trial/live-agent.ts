import { fieldsOf, textOf } from "@gatehouse/std";
import {
  methods,
  RequestError,
  type InitializeResponse,
  type McpServer,
  type NewSessionResponse,
  type PermissionOptionKind,
  type RequestPermissionRequest,
  type SessionUpdate,
  type StopReason,
  type ToolCallUpdate,
} from "@agentclientprotocol/sdk";
import { setTimeout as pause } from "node:timers/promises";
import { notAsked, startAcp, type AcpLaunch, type AcpProgram } from "../acp/acp-program.ts";
import { protocolVersion } from "../acp/open-session.ts";
import { promptText } from "./trial-model.ts";

/** The result of waiting for something, with a limit: `late` after it, `failed` for an error of the agent, `exited`. */
export type Waited<T> =
  | { readonly type: "done"; readonly value: T }
  | { readonly type: "failed"; readonly code: number; readonly message: string }
  | { readonly type: "exited"; readonly message: string }
  | { readonly type: "late"; readonly seconds: number };

/** A question for permission, when it came, and the reports of its call until the answer. */
export type Asked = {
  /** Ms of `performance.now()`. */
  readonly at: number;
  readonly request: RequestPermissionRequest;
  readonly reports: readonly ToolCallUpdate[];
};

/** A turn as the trial saw it. */
export type SeenTurn = {
  readonly end: Waited<StopReason>;
  readonly text: string;
  readonly asked: readonly Asked[];
  readonly tools: readonly string[];
};

export type TurnWords = {
  readonly words: string;
  /** The answer to each question. Default: once no. */
  readonly answer?: PermissionOptionKind;
  /** Maximum time, ms. */
  readonly limitMs?: number;
};

/** A running agent in a trial. */
export type LiveAgent = {
  readonly program: AcpProgram;
  readonly introduced: InitializeResponse;
  readonly sessionId: string;
  /** The modes of its session; none if it has opened no new one. */
  readonly modes: NewSessionResponse["modes"];
  /** Updates since the session was opened or loaded, until the first prompt. */
  readonly replayed: readonly SessionUpdate[];
  readonly turn: (words: TurnWords) => Promise<SeenTurn>;
  readonly cancel: () => Promise<void>;
  readonly setMode: (id: string) => Promise<Waited<unknown>>;
};

/** Time for an agent to introduce itself, or to open a session, ms. */
const openMs = 45_000;

/** Time for a turn, ms. */
export const turnMs = 20_000;

/** Time for the report of a call that an agent asks about: OpenCode reports it some milliseconds later (1.18.33). */
const reportMs = 400;

/** Waits for a request of a program, at most this long. */
export const waitFor = async <T>(
  program: AcpProgram,
  request: Promise<T>,
  limitMs: number,
): Promise<Waited<T>> => {
  const late = new AbortController();
  const done = request.then(
    (value): Waited<T> => ({ type: "done", value }),
    async (error: unknown): Promise<Waited<T>> => {
      if (error instanceof RequestError)
        return { type: "failed", code: error.code, message: messageOf(error) };
      // The connection is lost: the exit says why.
      return { type: "exited", message: (await program.exited).message };
    },
  );
  const waited = await Promise.race([
    done,
    program.exited.then(({ message }): Waited<T> => ({ type: "exited", message })),
    pause(limitMs, null, { signal: late.signal }).then(
      (): Waited<T> => ({ type: "late", seconds: limitMs / 1_000 }),
      () => done,
    ),
  ]);
  late.abort();
  return waited;
};

const messageOf = ({ message, data }: RequestError): string => {
  const details = textOf(fieldsOf(data)["details"]) || textOf(fieldsOf(data)["message"]) || textOf(data);
  return details === "" || message.includes(details) ? message : `${message} (its data: ${details})`;
};

/** Starts an agent, and lets it introduce itself. The program is killed unless it does, and when the signal is aborted. */
export const introduceAgent = async (
  launch: AcpLaunch,
  signal: AbortSignal,
): Promise<{ readonly program: AcpProgram; readonly introduced: Waited<InitializeResponse> }> => {
  const program = startAcp(launch);
  const { kill } = program;
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill, { once: true });
  void program.exited.then(() => signal.removeEventListener("abort", kill));
  const asked = program.agent.request(methods.agent.initialize, {
    protocolVersion,
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    clientInfo: { name: "gatehouse", version: "1" },
  });
  const introduced = await waitFor(program, asked, openMs);
  if (introduced.type !== "done") kill();
  return { program, introduced };
};

export type Opening = {
  readonly cwd: string;
  readonly servers: McpServer[];
  /** The session to take up; null for a new one. */
  readonly kept: string | null;
};

/** Opens a session of an introduced agent: a new one, or a kept one by `session/resume` or `session/load`. */
export const openLive = async (
  program: AcpProgram,
  introduced: InitializeResponse,
  { cwd, servers: mcpServers, kept }: Opening,
): Promise<Waited<LiveAgent>> => {
  const replayed: SessionUpdate[] = [];
  program.listen({
    onUpdate: ({ update }) => void replayed.push(update),
    mayUse: () => Promise.resolve(notAsked),
  });
  const { agent } = program;
  const opened: Waited<NewSessionResponse> =
    kept === null
      ? await waitFor(program, agent.request(methods.agent.session.new, { cwd, mcpServers }), openMs)
      : await waitFor(
          program,
          agent
            .request(resumesBy(introduced), { sessionId: kept, cwd, mcpServers })
            .then((given) => ({ ...(given as object), sessionId: kept })),
          openMs,
        );
  if (opened.type !== "done") return opened;
  const { sessionId, modes = null } = opened.value;
  return { type: "done", value: liveAgent({ program, introduced, sessionId, modes, replayed }) };
};

/** The method by which an agent takes up a kept session. */
export const resumesBy = ({ agentCapabilities }: InitializeResponse): "session/load" | "session/resume" =>
  (agentCapabilities?.sessionCapabilities?.resume ?? null) === null
    ? methods.agent.session.load
    : methods.agent.session.resume;

type Live = Pick<LiveAgent, "program" | "introduced" | "sessionId" | "modes" | "replayed">;

const liveAgent = (live: Live): LiveAgent => {
  const { program, sessionId } = live;
  const { agent, listen } = program;
  return {
    ...live,
    turn: async ({ words, answer = "reject_once", limitMs = turnMs }) => {
      const [texts, asked, tools]: [string[], Asked[], Set<string>] = [[], [], new Set()];
      const reports: ToolCallUpdate[] = [];
      listen({
        onUpdate: ({ update }) => {
          if (update.sessionUpdate === "agent_message_chunk" && update.content.type === "text")
            texts.push(update.content.text);
          if (update.sessionUpdate !== "tool_call" && update.sessionUpdate !== "tool_call_update") return;
          reports.push(update);
          tools.add(update.toolCallId);
        },
        mayUse: async (request) => {
          const { toolCallId } = request.toolCall;
          const at = performance.now();
          await pause(reportMs);
          asked.push({ at, request, reports: reports.filter((each) => each.toolCallId === toolCallId) });
          const option = request.options.find(({ kind }) => kind === answer);
          return option === undefined
            ? notAsked
            : { outcome: { outcome: "selected", optionId: option.optionId } };
        },
      });
      const sent = async (): Promise<StopReason> => {
        const { stopReason } = await agent.request(methods.agent.session.prompt, {
          sessionId,
          prompt: [{ type: "text", text: promptText(words) }],
        });
        return stopReason;
      };
      const end = await waitFor(program, sent(), limitMs);
      return { end, text: texts.join("").trim(), asked, tools: [...tools] };
    },
    cancel: () => agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => {}),
    setMode: (modeId) =>
      waitFor(program, agent.request(methods.agent.session.setMode, { sessionId, modeId }), openMs),
  };
};
