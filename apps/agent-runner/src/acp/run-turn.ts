import {
  methods,
  type ContentBlock,
  type PermissionOptionKind,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
  type StopReason,
} from "@agentclientprotocol/sdk";
import { fail, ok, type Result } from "@gatehouse/std";
import { interrupted, untilEnd } from "../cli-provider.ts";
import { toolKey, toolRequests } from "../cli-tools.ts";
import { isWithin, realPathOf } from "../real-path.ts";
import { withLastLine } from "../prompt/answers-in.ts";
import { attachedContent, type AttachedContent } from "../prompt/attached-content.ts";
import type { Prompt, ProviderError, TurnTools } from "../provider.ts";
import { failureOf, notAsked, type AcpProgram } from "./acp-program.ts";
import type { OpenSession } from "./open-session.ts";
import { createToolCalls, type InputPlace, type ToolCall, type ToolCalls } from "./tool-calls.ts";

/** A process of an agent with its open session. */
export type RunningAgent = OpenSession & { readonly program: AcpProgram };

/** The tools of an agent, as far as the runner knows them. */
export type AcpTools = {
  readonly inputIn: InputPlace;
  /**
   * A denied tool ends the turn, and the model reads only with the next prompt that it did not run (Qwen Code 0.24.4). The
   * runner then goes on in the same turn with the words of the denial.
   */
  readonly denialEnds: boolean;
  /** The names of tools by the kind of a call, for an agent whose titles are sentences. */
  readonly nameOfKind: Readonly<Record<string, string>>;
  /**
   * What stands before the HTTP status in a piece of the agent's text that is an error of the model's service ("Error:" for
   * "Error: 402 the words"); null if no piece is.
   */
  readonly errorPrefix: string | null;
  /**
   * Matches a piece of the agent's text that is the program's own word, and not its model's; null if there is none. Its group
   * `retry` matches if the model is asked again, so that its text since the last tool does not count.
   */
  readonly notice: RegExp | null;
  /** How long a tool may take as the agent sees it, ms, with time for its own work around it; null if it does not say. */
  readonly toolTimeMs: (tool: string, input: unknown) => number | null;
  /** The absolute paths that a use of a tool reads; null for a tool that does more than read. */
  readonly readPaths: (tool: string, input: unknown, cwd: string) => readonly string[] | null;
};

/** One batch for an open session. */
export type AcpTurn = {
  readonly prompt: Prompt;
  readonly tools: TurnTools;
  /** The prompt was sent before, and its turn did not end, so tools may have run. */
  readonly isRepeated: boolean;
  readonly agent: AcpTools;
  readonly cwd: string;
  /** Why a turn failed that the agent ended as if all were well; null if it did not fail. `last`: the last piece of its text. */
  readonly turnError: (last: string) => Promise<string | null>;
};

/** Runs one turn, and returns the agent's text. */
export const runTurn = async (
  { program, id: sessionId, takesImages }: RunningAgent,
  turn: AcpTurn,
): Promise<Result<string, ProviderError>> => {
  const { prompt, tools, agent } = turn;
  const files = takesImages ? prompt.messages.flatMap(tools.attachmentsOf) : [];
  const images = await attachedContent(files, ["image"]);
  if (tools.signal.aborted) return interrupted;
  const calls = createToolCalls(agent);
  const text = createTurnText(agent);
  let hasTool = false;
  const denials: string[] = [];
  const open = new Set<string>();
  const begins = (call: ToolCall): void => {
    open.add(call.id);
    tools.setTool({ name: call.tool, timeoutMs: agent.toolTimeMs(call.tool, call.input) });
  };
  const asked = askedTools(sessionId, turn, {
    calls,
    denials,
    begins: (call) => void (open.has(call.id) || begins(call)),
  });
  program.listen({
    mayUse: (request) => asked(request),
    onUpdate: ({ sessionId: of, update }) => {
      if (of !== sessionId) return;
      if (text.take(update)) tools.showText(text.whole());
      const taken = calls.take(update);
      if (taken === null) return;
      hasTool = true;
      const { call, isOver } = taken;
      if (!isOver) return begins(call);
      open.delete(call.id);
      if (open.size === 0) tools.setTool(null);
    },
  });
  const ask = async (
    blocks: readonly ContentBlock[],
    asking: Prompt,
    left = mostContinued,
  ): Promise<StopReason | "denied"> => {
    const { stopReason } = await program.agent.request(methods.agent.session.prompt, {
      sessionId,
      prompt: [...blocks, { type: "text", text: tools.promptText(asking) }],
    });
    const notes = denials.splice(0);
    // codex-acp 2.6.0 calls such a turn cancelled.
    const isCut =
      agent.denialEnds && notes.length > 0 && (stopReason === "end_turn" || stopReason === "cancelled");
    if (!isCut || tools.signal.aborted) return stopReason;
    return left === 0 ? "denied" : ask([], { ...prompt, messages: [], notes }, left - 1);
  };
  const result = ask(images.map(imageBlock), prompt).then(
    async (stopReason) => {
      const failure = stopReason === "end_turn" ? await turn.turnError(text.last()) : null;
      return failure === null
        ? outcomeOf(stopReason, { text: text.whole(), hasTool, error: text.error() })
        : fail<ProviderError>({ code: "failed", message: failure });
    },
    (error: unknown) => failureOf(program, error),
  );
  return untilEnd({
    program,
    result,
    signal: tools.signal,
    interrupt: () => void program.agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => {}),
  });
};

const imageBlock = ({ mediaType: mimeType, data }: AttachedContent): ContentBlock => ({
  type: "image",
  mimeType,
  data,
});

/** How often a turn goes on after a denial that ended it. Without a bound, a model that asks again and again would spend money. */
const mostContinued = 10;

/** Why a turn that ended has no answer. */
const noAnswer: Partial<Record<StopReason | "denied", string>> = {
  denied: `The agent asked for a tool that was denied, ${mostContinued + 1} times in one turn.`,
  refusal: "The agent refused to answer.",
  cancelled: "The agent ended the turn by itself.",
};

/** The limits that cut a turn. A cut text is an answer, and says that it was cut. */
const cuts: Partial<Record<StopReason | "denied", string>> = {
  max_tokens: "The agent reached its limit of tokens",
  max_turn_requests: "The agent reached its limit of requests in one turn",
};

type Said = { readonly text: string; readonly hasTool: boolean; readonly error: string | null };

/**
 * The turn's text. Kimi Code 2.1.0 ends a turn without a text or a tool if its model's service refuses the request, and gives no
 * reason.
 */
const outcomeOf = (
  reason: StopReason | "denied",
  { text, hasTool, error }: Said,
): Result<string, ProviderError> => {
  const said = text.trim();
  const failed = (message: string) => fail<ProviderError>({ code: "failed", message });
  const ended = noAnswer[reason];
  if (ended !== undefined) return failed(`${ended}${said === "" ? "" : ` It said: ${said}`}`);
  const cut = cuts[reason];
  if (said === "" && cut !== undefined) return failed(`${cut} before it had an answer.`);
  if (said === "" && !hasTool) return failed(wordless);
  if (error !== null) return failed(error);
  return ok(cut === undefined ? text : withLastLine(text, `(${cut}: its answer ends here.)`));
};

const wordless = "The agent ended the turn without a word. Its model's service may have refused the request.";

type AskedDeps = {
  readonly calls: ToolCalls;
  readonly denials: string[];
  readonly begins: (call: ToolCall) => void;
};

/**
 * Passes requests to use a tool on to a person, and their answers back. An answer counts once: the agent's own
 * "always" is never chosen, because the host keeps such rules. `denials` gets a sentence for each denied call, and `begins`
 * each allowed one, which Gemini CLI 0.61.0 reports only at its end. A call whose input the agent does not report is denied:
 * nobody can know what they would allow.
 */
const askedTools = (
  session: string,
  { prompt, tools, isRepeated, agent, cwd }: AcpTurn,
  { calls, denials, begins }: AskedDeps,
): ((request: RequestPermissionRequest) => Promise<RequestPermissionResponse>) => {
  const requests = toolRequests(prompt);
  const allowed = new Map<string, string>();
  const mayRun = async ({ id, tool, input }: ToolCall): Promise<boolean> => {
    if (await isReadWithin(cwd, agent.readPaths(tool, input, cwd))) return true;
    // An agent may ask twice for one call: OpenCode does for a file outside its folder.
    const key = toolKey(tool, input);
    if (allowed.get(id) === key) return true;
    const decision = await tools.askTool(requests.next(tool, input, isRepeated));
    if (decision.behavior === "allow") allowed.set(id, key);
    if (decision.behavior === "deny") denials.push(`${tool} did not run. ${decision.message}`);
    return decision.behavior === "allow";
  };
  return async ({ sessionId, toolCall, options }) => {
    if (sessionId !== session) return notAsked;
    // Nobody is asked for a yes that the agent could not take.
    const isAllowable = options.some(({ kind }) => kind === "allow_once");
    const call = isAllowable ? await calls.asked(toolCall, tools.signal) : null;
    if (call === null)
      denials.push(
        isAllowable
          ? "A tool did not run, because its input is not known."
          : "A tool did not run, because it cannot be allowed once.",
      );
    const isAllowed = call !== null && (await mayRun(call));
    if (tools.signal.aborted) return notAsked;
    if (isAllowed) begins(call);
    const kind: PermissionOptionKind = isAllowed ? "allow_once" : "reject_once";
    const option = options.find((each) => each.kind === kind);
    // An agent without such an option gets no answer that it could take for a yes.
    return option === undefined ? notAsked : { outcome: { outcome: "selected", optionId: option.optionId } };
  };
};

/** True if all paths are in the working folder, also without links. Null, for another tool, waits for no disk. */
const isReadWithin = async (cwd: string, paths: readonly string[] | null): Promise<boolean> => {
  // Calls at once keep their order: a look at the disk would change it by chance.
  if (paths === null) return false;
  const folder = await realPathOf(cwd);
  const real = await Promise.all(paths.map(realPathOf));
  return real.every((path) => isWithin(path, folder));
};

/** A piece of an answer that is no text, as a line: a link with its address, a text that it has in it, or that there is one. */
const lineOf = (content: Exclude<ContentBlock, { readonly type: "text" }>): string => {
  if (content.type === "resource_link") return `${content.name}: ${content.uri}`;
  if (content.type !== "resource")
    return notShown(content.type === "image" ? "an image" : "a sound", content.mimeType);
  return "text" in content.resource ? content.resource.text : notShown("a file", content.resource.uri);
};

const notShown = (what: string, which: string): string =>
  `(The agent sent ${what}, ${which}, which cannot be shown here.)`;

/** The agent's text of one turn. */
type TurnText = {
  /** Takes an update of the session; true if the text has grown. */
  readonly take: (update: SessionUpdate) => boolean;
  readonly whole: () => string;
  /** The last piece; empty without one. */
  readonly last: () => string;
  /** The error of the model's service that the last piece is; null for another one. */
  readonly error: () => string | null;
};

/**
 * Joins the pieces of the agent's messages. A tool call begins a new paragraph, so that a message
 * for a destination begins a line.
 */
const createTurnText = ({ errorPrefix, notice }: Pick<AcpTools, "errorPrefix" | "notice">): TurnText => {
  const paragraphs: string[] = [];
  let message: string | null = null;
  let isNew = true;
  let isLine = false;
  let last = "";
  const whole = (): string => paragraphs.join("\n\n");
  return {
    take: (update) => {
      if (update.sessionUpdate === "tool_call") isNew = true;
      if (update.sessionUpdate !== "agent_message_chunk") return false;
      const { content } = update;
      const isText = content.type === "text";
      const noticed = isText ? (notice?.exec(content.text) ?? null) : null;
      if (noticed !== null) {
        if (noticed.groups?.["retry"] !== undefined && !isNew) paragraphs[paragraphs.length - 1] = "";
        return false;
      }
      last = isText ? content.text : lineOf(content);
      const id = update.messageId ?? null;
      if (isNew || id !== message) paragraphs.push("");
      const before = paragraphs.pop() ?? "";
      const isApart = (isLine || !isText) && before !== "" && !before.endsWith("\n");
      paragraphs.push(`${before}${isApart ? "\n" : ""}${last}`);
      message = id;
      isNew = false;
      isLine = !isText;
      return true;
    },
    whole,
    last: () => last,
    error: () => {
      if (errorPrefix === null || !last.startsWith(errorPrefix)) return null;
      return /^\s*[45]\d\d\s+(\S[^]*)$/.exec(last.slice(errorPrefix.length))?.[1]?.trim() ?? null;
    },
  };
};
