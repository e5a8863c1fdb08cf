import type { SessionUpdate, ToolCallUpdate } from "@agentclientprotocol/sdk";
import { isToolName } from "@gatehouse/session-rows/messages";
import { fieldsOf, parseJson, textOf } from "@gatehouse/std";
import { limits } from "../limits.ts";

/** A call of a tool, as far as the agent has reported it. */
export type ToolCall = {
  readonly id: string;
  /**
   * The agent's name of the call's kind, the name that Qwen Code and claude-agent-acp add, the one before the last `__` in the ids
   * of Gemini CLI, or the title of the call's first report if that is a name. Otherwise the kind of the protocol.
   */
  readonly tool: string;
  readonly input: unknown;
};

/** `sentence`: the last title, which is a sentence or the input; null if the call has a name. */
type KnownCall = ToolCall & { readonly sentence: string | null };

/**
 * Where the whole input of a call is that waits for a permission: in the report that the call is in progress, which comes
 * some milliseconds before the request or after it (OpenCode 1.18.33), or in the request itself, since the protocol calls
 * such a call `pending` (Qwen Code 0.24.4). `text`: as JSON in the text of the last report; the request has the beginning of a
 * command alone (Kimi Code 2.1.0). `words`: in the title and the text of the request (Gemini CLI 0.61.0).
 */
export const inputPlaces = ["report", "request", "text", "words"] as const;

export type InputPlace = (typeof inputPlaces)[number];

/** The calls of one turn. */
export type ToolCalls = {
  /** Takes an update of the session. Returns the call that it reports, and whether the call has ended. */
  readonly take: (update: SessionUpdate) => { readonly call: ToolCall; readonly isOver: boolean } | null;
  /**
   * The whole call behind a request for permission; null if its input is not where it should be, for a report in time.
   * OpenCode 1.18.33 asks with less than the call's input, for tools of MCP servers with none.
   */
  readonly asked: (call: ToolCallUpdate, signal: AbortSignal) => Promise<ToolCall | null>;
};

/** What a row says of an agent's calls. */
type CallFacts = { readonly inputIn: InputPlace; readonly nameOfKind: Readonly<Record<string, string>> };

export const createToolCalls = (
  { inputIn, nameOfKind }: CallFacts,
  reportMs: number = limits.toolReportMs,
): ToolCalls => {
  const calls = new Map<string, KnownCall>();
  const reported = new Map<string, Reported>();
  const reportOf = (id: string): Reported => {
    const known = reported.get(id) ?? createReported();
    reported.set(id, known);
    return known;
  };
  /** The text of each call's last report. */
  const texts = new Map<string, string>();
  const nameOf = ({ toolCallId: id, title, kind, _meta }: ToolCallUpdate): string | undefined =>
    [
      nameOfKind[kind ?? ""],
      textOf(_meta?.["toolName"]),
      textOf(fieldsOf(_meta?.["claudeCode"])["toolName"]),
      // Where the title is the input, it is no name.
      inputIn === "words" ? nameIn(id) : nameOfTitle.exec(title ?? "")?.[0],
    ].find((each) => each !== undefined && isToolName(each));
  const begun = (call: ToolCallUpdate): KnownCall => {
    const name = nameOf(call);
    return {
      id: call.toolCallId,
      tool: name ?? call.kind ?? "other",
      sentence: name === undefined ? "" : null,
      input: undefined,
    };
  };
  const merge = (call: ToolCallUpdate): KnownCall => {
    const known = calls.get(call.toolCallId) ?? begun(call);
    const merged = {
      ...known,
      sentence: known.sentence === null ? null : (call.title ?? known.sentence),
      input: joined(known.input, call.rawInput),
    };
    calls.set(known.id, merged);
    return merged;
  };
  return {
    take: (update) => {
      const { sessionUpdate } = update;
      if (sessionUpdate !== "tool_call" && sessionUpdate !== "tool_call_update") return null;
      const { status } = update;
      const call = merge(update);
      const [text] = textsIn(update.content);
      if (text !== undefined) texts.set(call.id, text);
      if (status === "in_progress") reportOf(call.id).resolve(true);
      return { call, isOver: status === "completed" || status === "failed" };
    },
    asked: async (call, signal) => {
      if (inputIn === "request") return isFields(call.rawInput) ? withSentence(merge(call)) : null;
      if (inputIn === "text") {
        const input = parseJson(texts.get(call.toolCallId) ?? "");
        return isFields(input) ? withSentence({ ...merge(call), input }) : null;
      }
      if (inputIn === "words") {
        const merged = merge(call);
        const words = wordsOf(call, merged.tool === shellOfGemini);
        return words === null ? null : { ...merged, input: words };
      }
      const { promise, resolve } = reportOf(call.toolCallId);
      const late = setTimeout(() => resolve(false), reportMs);
      const abort = (): void => resolve(false);
      signal.addEventListener("abort", abort, { once: true });
      const isReported = await promise;
      clearTimeout(late);
      signal.removeEventListener("abort", abort);
      // The request may name what the input does not, such as the difference that an edit makes.
      return isReported ? withSentence(merge(call)) : null;
    },
  };
};

/** The name of a tool, and no sentence, command or path. */
const nameOfTitle = /^[A-Za-z_][\w:-]*$/;

/** The name in an id of Gemini CLI. A tool of a server has the server's first: `mcp_rss_greet__call_1`, `mcp_hub_git__push__call_1`. */
const nameIn = (id: string): string | undefined => /^([A-Za-z][\w.-]*)__/.exec(id)?.[1];

/**
 * A call without a name, with its sentence in its input: a person reads it there, and a rule that allows exactly this input
 * allows no other tool of the same kind.
 */
const withSentence = ({ id, tool, input, sentence }: KnownCall): ToolCall => {
  if (sentence === null) return { id, tool, input };
  const isPlain = isFields(input) && !("tool_title" in input);
  return { id, tool, input: { tool_title: sentence, ...(isPlain ? input : { input }) } };
};

/** The tool of Gemini CLI that runs commands. The title of its questions is the command (0.61.0). */
const shellOfGemini = "run_shell_command";

/** What a request says in words; null if it says nothing. `isCommand`: its title is a command. */
const wordsOf = ({ title, content }: ToolCallUpdate, isCommand: boolean): object | null => {
  const changes = (content ?? []).flatMap((each) =>
    each.type === "diff" ? [{ path: each.path, oldText: each.oldText ?? null, newText: each.newText }] : [],
  );
  const shown = [...textsIn(content), ...changes];
  if ((title ?? "") === "" && shown.length === 0) return null;
  return { [isCommand ? "command" : "title"]: title ?? "", ...(shown.length === 0 ? {} : { shown }) };
};

const textsIn = (content: ToolCallUpdate["content"]): readonly string[] =>
  (content ?? []).flatMap((each) =>
    each.type === "content" && each.content.type === "text" ? [each.content.text] : [],
  );

/** Becomes true when a call is in progress. */
type Reported = { readonly promise: Promise<boolean>; readonly resolve: (isReported: boolean) => void };

const createReported = (): Reported => {
  let resolve: Reported["resolve"] = () => {};
  const promise = new Promise<boolean>((done) => (resolve = done));
  return { promise, resolve };
};

/** Merges two updates of a tool call: a later value replaces an earlier one, and a missing value keeps it. */
const joined = (known: unknown, update: unknown): unknown => {
  if (isFields(known) && isFields(update)) return { ...known, ...update };
  return update ?? known ?? {};
};

const isFields = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
