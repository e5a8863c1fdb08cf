import { fail, type Fields, ok, type Result } from "@gatehouse/std";
import { interrupted, untilEnd } from "../cli-provider.ts";
import type { ProviderError, TurnTools } from "../provider.ts";
import { attachedContent } from "../prompt/attached-content.ts";
import { askedTools } from "./asked-tools.ts";
import type { CodexProgram } from "./codex-program.ts";
import { permissionFrame, turnInput, type CodexFrame } from "./frames.ts";
import { endCommandsOf, failureOf } from "./open-thread.ts";
import { sendAtOnce } from "./send-at-once.ts";
import { answerIn, sentIn } from "./thread.ts";
import type { Turn } from "./turn-record.ts";

/** Runs one turn, and returns the agent's text. */
export const runTurn = async (program: CodexProgram, turn: Turn): Promise<Result<string, ProviderError>> => {
  const { prompt, tools, threadId } = turn;
  const { signal } = tools;
  if (signal.aborted) return interrupted;
  const images = await attachedContent(prompt.messages.flatMap(tools.attachmentsOf), ["image"]);
  if (signal.aborted) return interrupted;
  const heard = listen(program, turn);
  const sent =
    prompt.compacts === true
      ? program.call("thread/compact/start", { threadId })
      : program.call("turn/start", {
          threadId,
          clientUserMessageId: prompt.batch,
          input: turnInput(turn.text, images),
        });
  const refused = sent.then((reply) => (reply.ok ? heard.ended : fail(failureOf(reply.error))));
  const ended = await untilEnd({
    program,
    signal,
    result: Promise.race([heard.ended, refused]),
    interrupt: () =>
      void heard.started.then((turnId) => program.call("turn/interrupt", { threadId, turnId })),
  });
  // An answer to a card allows a command for its turn only.
  await endCommandsOf(program, threadId);
  return ended;
};

type Heard = {
  /** Resolves with the turn's id when it has begun. */
  readonly started: Promise<string>;
  readonly ended: Promise<Result<string, ProviderError>>;
};

/** Follows the turn in Codex's frames until it ends. */
const listen = (program: CodexProgram, turn: Turn): Heard => {
  const asked = askedTools(program, turn);
  const items: Fields[] = [];
  const atOnce = sendAtOnce(turn.tools.hostTools);
  /** The messages since the last tool, and those with the text that Codex writes now. */
  let [complete, written] = ["", ""];
  let id: string | null = null;
  let begin: (turnId: string) => void = () => {};
  const started = new Promise<string>((resolve) => (begin = resolve));
  const ended = new Promise<Result<string, ProviderError>>((resolve) => {
    program.listen((frame) => {
      if (frame.type === "turn-started") begin((id = frame.turn));
      const isOwn = "turn" in frame && frame.turn === id;
      if (frame.type === "may-use-tool")
        // No person can be asked about another turn.
        if (isOwn) void asked.ask(frame);
        else program.send(permissionFrame(frame, false));
      if (!isOwn) return;
      if (frame.type === "text") turn.tools.showText((written += frame.text));
      if (frame.type === "item") {
        if (toolItems.has(frame.item["type"])) complete = written = "";
        // A message that begins before the last one is complete replaces it: its stream broke (0.171.0).
        if (frame.item["type"] === "agentMessage")
          if (frame.isCompleted) complete = written;
          else written = complete;
        asked.see(frame.item);
        declare(turn.tools, frame);
        if (frame.isCompleted) {
          items.push(frame.item);
          atOnce.send(sentIn(frame.item));
        }
      }
      if (frame.type === "turn-ended")
        resolve(frame.failure === null ? atOnce.before(answerIn(items)).then(ok) : fail(frame.failure));
    });
  });
  return { started, ended };
};

const toolItems: ReadonlySet<unknown> = new Set(["commandExecution", "fileChange", "mcpToolCall"]);

/** Tells the host which tool runs. Codex limits no command by time: it lets it run, and looks again. */
const declare = (
  { setTool }: TurnTools,
  { item: { type }, isCompleted }: Extract<CodexFrame, { type: "item" }>,
): void => {
  if (toolItems.has(type)) setTool(isCompleted ? null : { name: String(type), timeoutMs: null });
};
