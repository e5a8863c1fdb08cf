import { parseJson } from "@gatehouse/std";
import type { SendInput } from "../host-tools/host-tools.ts";
import { fullName, toolNames } from "../host-tools/tool-names.ts";
import { readSendInput } from "../host-tools/tool-server.ts";
import type { OwnTurn } from "../provider.ts";
import { asksForRest } from "./frames.ts";

/**
 * How far Claude Code came with one prompt, read from its transcript. Seen with 2.1.328 and
 * `CLAUDE_CODE_EAGER_FLUSH=1`, which writes the prompt before the request and the answer before the result.
 */
export type PromptState =
  /** The prompt is not in the transcript. */
  | { readonly state: "absent" }
  /** Claude has the prompt, and has not finished its turn. `said`: the pieces of its answer, if it was asked for the rest. */
  | { readonly state: "open"; readonly toolUses: readonly ToolUse[]; readonly said: string }
  | { readonly state: "answered"; readonly text: string };

/** A tool that the agent asked for in a turn. */
export type ToolUse = {
  readonly tool: string;
  readonly input: unknown;
  /** False if its result is missing: it may have run. */
  readonly hasResult: boolean;
  /** Its result is an error. */
  readonly hasFailed: boolean;
};

/** A line of a transcript, as far as it is read here. */
type Line = {
  readonly type?: unknown;
  readonly uuid?: unknown;
  readonly isSidechain?: unknown;
  readonly isMeta?: unknown;
  readonly isCompactSummary?: unknown;
  readonly isApiErrorMessage?: unknown;
  readonly timestamp?: unknown;
  /** Of a prompt: why Claude Code wrote it itself. */
  readonly origin?: unknown;
  readonly message?: {
    readonly id?: unknown;
    readonly model?: unknown;
    readonly content?: unknown;
    readonly stop_reason?: unknown;
  };
};

type Block = {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly id?: unknown;
  readonly name?: unknown;
  readonly input?: unknown;
  readonly tool_use_id?: unknown;
  readonly is_error?: unknown;
};

/** The model of lines that Claude Code writes itself, for example "No response requested." */
const syntheticModel = "<synthetic>";

/** Reads a transcript's text, JSON Lines. The last line may be torn by a kill; unreadable lines are skipped. */
export const linesOf = (text: string): readonly Line[] =>
  text.split("\n").flatMap((line) => {
    const json = line === "" ? undefined : parseJson(line);
    return typeof json === "object" && json !== null ? [json as Line] : [];
  });

/** Whether there is a conversation to resume: some line of a person or of the agent. */
export const hasConversation = (lines: readonly Line[]): boolean =>
  lines.some(({ type }) => type === "user" || type === "assistant");

/** How far the prompt with this UUID came. */
export const promptStateIn = (lines: readonly Line[], uuid: string): PromptState => {
  const at = lines.findIndex((line) => line.type === "user" && line.uuid === uuid);
  if (at === -1) return { state: "absent" };
  const turn = untilNextPrompt(lines.slice(at + 1).filter(({ isSidechain }) => isSidechain !== true));
  const text = answerIn(turn);
  if (text !== null) return { state: "answered", text };
  return { state: "open", toolUses: toolUsesIn(turn), said: saidIn(turn) };
};

/**
 * The turns that Claude Code began by itself after the last prompt, and finished. Their texts may not have left the
 * runner before it was killed. Those of before `since` (ms since the epoch) are left out: a host may have forgotten
 * that it has delivered them.
 */
export const ownTurnsIn = (lines: readonly Line[], since: number): readonly OwnTurn[] => {
  const last = lines.findLastIndex((line) => isPrompt(line) && !isOwn(line));
  return lines.slice(last + 1).flatMap((line, at, rest) => {
    if (!isPrompt(line) || !(Date.parse(String(line.timestamp)) >= since)) return [];
    const turn = untilNextPrompt(rest.slice(at + 1));
    const final = turn.findLast(isFinal);
    const text = answerIn(turn) ?? "";
    return text === "" ? [] : [{ id: String(final?.message?.id), text, hasFailed: false }];
  });
};

const isOwn = ({ origin }: Line): boolean => typeof origin === "object" && origin !== null;

const untilNextPrompt = (lines: readonly Line[]): readonly Line[] => {
  const next = lines.findIndex(isPrompt);
  return next === -1 ? lines : lines.slice(0, next);
};

/**
 * A prompt is a user's line without a tool's result. Lines that Claude Code adds itself are marked as meta, for
 * example "Continue from where you left off." after a kill; so is the summary of a compacted conversation.
 */
const isPrompt = (line: Line): boolean =>
  line.type === "user" && line.isMeta !== true && line.isCompactSummary !== true && !hasToolResult(line);

const hasToolResult = ({ message }: Line): boolean =>
  blocksOf(message).some(({ type }) => type === "tool_result");

/** Why a message ends, if its turn goes on. */
const goesOn: readonly unknown[] = [null, undefined, "tool_use", "pause_turn"];

/** A line of the agent that ends its turn: also one that the model cut or refused, since no answer follows. */
const isFinal = ({ type, isApiErrorMessage, message }: Line): boolean =>
  type === "assistant" &&
  isApiErrorMessage !== true &&
  message?.model !== syntheticModel &&
  !goesOn.includes(message?.stop_reason);

/** The text that answers a turn; null without a complete answer. */
const answerIn = (turn: readonly Line[]): string | null => {
  const end = turn.findLastIndex(isFinal);
  return end === -1 || turn.slice(end).some(isRequestForRest) ? null : piecesIn(turn.slice(0, end + 1));
};

/** The pieces of an answer whose rest was asked for last; empty if there are none, or a tool came after them. */
const saidIn = (turn: readonly Line[]): string => {
  const asked = turn.findLastIndex(isRequestForRest);
  return asked === -1 || turn.slice(asked).some(isOfTool) ? "" : piecesIn(turn.slice(0, asked));
};

const isOfTool = ({ message }: Line): boolean =>
  blocksOf(message).some(({ type }) => type === "tool_use" || type === "tool_result");

/**
 * The text of the pieces after the last tool. Each block of a message has a line of its own. Claude Code asks for an answer in
 * pieces if its stream broke or it grew too long.
 */
const piecesIn = (turn: readonly Line[]): string => {
  const lines = turn.filter(({ type }) => type === "user" || type === "assistant");
  const pieces = lines.slice(lines.findLastIndex(hasToolResult) + 1);
  const ends = pieces.filter((_, at) => at === pieces.length - 1 || isRequestForRest(pieces[at + 1]!));
  const ids = ends.map(({ message }) => message?.id);
  return pieces
    .filter(({ type, message }) => type === "assistant" && ids.includes(message?.id))
    .flatMap(({ message }) => blocksOf(message))
    .flatMap(({ type, text }) => (type === "text" && typeof text === "string" ? [text] : []))
    .join("");
};

const isRequestForRest = ({ type, isMeta, message }: Line): boolean =>
  type === "user" && isMeta === true && asksForRest(message?.content);

const toolUsesIn = (turn: readonly Line[]): readonly ToolUse[] => {
  const blocks = turn.flatMap(({ message }) => blocksOf(message));
  const results = new Map(
    blocks.flatMap(({ type, tool_use_id: id, is_error: isError }) =>
      type === "tool_result" ? [[id, isError === true]] : [],
    ),
  );
  return blocks.flatMap(({ type, id, name, input }) =>
    type === "tool_use" && typeof name === "string"
      ? [{ tool: name, input, hasResult: results.has(id), hasFailed: results.get(id) === true }]
      : [],
  );
};

const blocksOf = (message: Line["message"]): readonly Block[] =>
  Array.isArray(message?.content) ? (message.content as readonly Block[]) : [];

/** The messages that a turn has sent, as its transcript shows. One without a result is sent again, with the same id. */
export const sentBefore = (uses: readonly ToolUse[]): readonly SendInput[] =>
  uses.flatMap(({ tool, input, hasResult, hasFailed }) => {
    const read = tool === fullName(toolNames.send) && hasResult && !hasFailed ? readSendInput(input) : null;
    return read === null ? [] : [read];
  });
