import { join } from "node:path";
import { ok, type Result } from "@gatehouse/std";
import { interrupted } from "./interrupted.ts";
import { turnAnswers } from "../prompt/turn-answers.ts";
import type { Prompt, Provider, ProviderError, ProviderPlace, TurnEnd, TurnTools } from "../provider.ts";
import type { AcpAgent } from "./acp-agent.ts";
import { openAgentSession, type AgentSession } from "./agent-session.ts";
import { noteBatch } from "./note-batch.ts";

/**
 * An agent that speaks the Agent Client Protocol, as one long-lived process with one batch in flight. The protocol
 * has no id for a prompt that outlives the process, so a batch whose turn did not end is sent again: a message is
 * asked at least once.
 */
export const acp =
  (agent: AcpAgent) =>
  (place: ProviderPlace): Provider => {
    let conversation: string | null = null;
    let running: AgentSession | null = null;
    const lastBatch = join(place.folder, "out", `${agent.name}-batch`);
    /** The end of the last turn; an interrupted one may still be ending when the next begins. */
    let ending: Promise<unknown> = Promise.resolve();

    const end = (): void => {
      running?.kill();
      running = null;
    };

    const turn = async (prompt: Prompt, tools: TurnTools): Promise<Result<TurnEnd, ProviderError>> => {
      const { signal } = tools;
      if (signal.aborted) return interrupted;
      if (running !== null && !running.isRunning()) end();
      if (running === null) {
        const opened = await openAgentSession(agent, { place, conversation, signal });
        if (!opened.ok) return opened;
        running = opened.value;
      }
      const session = running;
      // The next turn goes on in it, also if this one is interrupted.
      conversation = session.id;
      const isRepeated = await noteBatch(lastBatch, prompt.batch);
      const result = await session.turn({ prompt, tools, isRepeated });
      if (!result.ok) return result;
      return ok({ answers: turnAnswers(result.value, prompt), conversation: session.id });
    };

    return {
      name: agent.name,
      stop: end,
      start: (kept) => {
        if (kept !== conversation) end();
        conversation = kept;
        return Promise.resolve(ok(null));
      },
      turn: (prompt, tools) => {
        const ended = ending.then(() => turn(prompt, tools));
        ending = ended.catch(() => {});
        return ended;
      },
    };
  };
