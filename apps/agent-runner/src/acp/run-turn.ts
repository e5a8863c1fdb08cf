import { methods, type ContentBlock, type StopReason } from "@agentclientprotocol/sdk";
import { fail, ok, type Result } from "@gatehouse/std";
import { interrupted } from "./interrupted.ts";
import { attachedContent, type AttachedContent } from "../prompt/attached-content.ts";
import type { ProviderError } from "../provider.ts";
import type { AcpAgent } from "./acp-agent.ts";
import type { AcpProgram } from "./acp-program.ts";
import type { AcpTurn } from "./acp-turn.ts";
import { askedTools } from "./asked-tools.ts";
import { exited, failureOf } from "./failures.ts";
import type { OpenSession } from "./open-session.ts";
import { createToolCalls } from "./tool-calls.ts";
import { createTurnText } from "./turn-text.ts";

/** The session that a turn runs in. */
export type TurnPlace = Pick<AcpAgent, "toolTimeMs"> & {
  readonly program: AcpProgram;
  readonly session: OpenSession;
};

/** Time for an interrupted turn to end by itself, ms. */
const interruptMs = 3_000;

/** Runs one turn, and returns the agent's text. */
export const runTurn = async (
  { program, session: { id: sessionId, takesImages }, toolTimeMs }: TurnPlace,
  turn: AcpTurn,
): Promise<Result<string, ProviderError>> => {
  const { prompt, tools } = turn;
  const { signal } = tools;
  const files = takesImages ? prompt.messages.flatMap(tools.attachmentsOf) : [];
  const images = await attachedContent(files, ["image"]);
  if (signal.aborted) return interrupted;
  const calls = createToolCalls();
  const text = createTurnText();
  const asked = askedTools(sessionId, turn, calls);
  const open = new Set<string>();
  program.listen({
    mayUse: (request) => asked(request),
    onUpdate: ({ sessionId: of, update }) => {
      if (of !== sessionId) return;
      if (text.take(update)) tools.showText(text.whole());
      const taken = calls.take(update);
      if (taken === null) return;
      const { call, isOver } = taken;
      open[isOver ? "delete" : "add"](call.id);
      if (!isOver) tools.setTool({ name: call.tool, timeoutMs: toolTimeMs(call.tool, call.input) });
      else if (open.size === 0) tools.setTool(null);
    },
  });
  let late: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    // A turn that is left to the next runner is asked again; this one must not go on.
    if (signal.reason !== "interrupt") return program.kill();
    void program.agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => {});
    late = setTimeout(() => program.kill(), interruptMs);
  };
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    const answered = program.agent
      .request(methods.agent.session.prompt, {
        sessionId,
        prompt: [...images.map(imageBlock), { type: "text", text: tools.promptText(prompt) }],
      })
      .then(
        ({ stopReason }) => outcomeOf(stopReason, text.whole()),
        (error: unknown) => failureOf(program, error),
      );
    const ended = await Promise.race([answered, program.exited.then(exited)]);
    return signal.aborted ? interrupted : ended;
  } finally {
    signal.removeEventListener("abort", interrupt);
    clearTimeout(late);
    program.listen(null);
  }
};

const imageBlock = ({ mediaType: mimeType, data }: AttachedContent): ContentBlock => ({
  type: "image",
  ...{ mimeType, data },
});

/** Why a turn that ended has no answer. Other ends have one, also a cut one. */
const noAnswer: Partial<Record<StopReason, string>> = {
  refusal: "The agent refused to answer.",
  cancelled: "The agent ended the turn by itself.",
};

const outcomeOf = (reason: StopReason, text: string): Result<string, ProviderError> => {
  const message = noAnswer[reason];
  return message === undefined ? ok(text) : fail({ code: "failed", message });
};
