import { fail, ok, type Result } from "@gatehouse/std";
import { limits } from "../limits.ts";
import type { Answer, Prompt, Provider, ProviderError, TurnEnd, TurnTools } from "../provider.ts";
import type { Calls } from "./calls.ts";
import type { Conversation } from "./conversation.ts";

/** Turns of one provider in one conversation. */
export type Turns = {
  /** The answers, or why there are none: a sentence for a person. */
  readonly run: (prompt: Prompt, tools: TurnTools) => Promise<Result<readonly Answer[], string>>;
  /** The next turn begins a new conversation. */
  readonly forget: () => Promise<void>;
};

/** What follows a failed attempt. */
export type Next = "fresh" | "later" | "give-up";

/**
 * Decides what follows a failed attempt: a conversation that is invalid is replaced once, an unavailable
 * provider is asked again a few times, and anything else has failed.
 */
export const afterFailure = (
  { code }: ProviderError,
  { attempt, isFresh }: { readonly attempt: number; readonly isFresh: boolean },
): Next => {
  if (code === "invalid-conversation") return isFresh ? "give-up" : "fresh";
  return code === "unavailable" && attempt < limits.turnAttempts ? "later" : "give-up";
};

export const createTurns = (provider: Provider, conversation: Conversation, calls: Calls): Turns => {
  let isStarted = false;
  const forget = async (): Promise<void> => {
    isStarted = false;
    await conversation.keep(null);
  };
  const attemptOnce = async (prompt: Prompt, tools: TurnTools): Promise<Result<TurnEnd, ProviderError>> => {
    if (!isStarted) {
      const resumed = await conversation.load();
      const started = await settled(() => provider.start(resumed));
      if (!started.ok) return started;
      isStarted = true;
    }
    return settled(() => provider.turn(prompt, tools));
  };
  return {
    forget,
    run: async (prompt, tools) => {
      let isFresh = false;
      for (let attempt = 1; ; attempt += 1) {
        const result = await attemptOnce(prompt, tools);
        if (tools.signal.aborted) return fail("The turn was interrupted.");
        if (result.ok) {
          await conversation.keep(result.value.conversation);
          return ok(result.value.answers);
        }
        isStarted = false;
        const next = afterFailure(result.error, { attempt, isFresh });
        if (next === "give-up") return fail(result.error.message.slice(0, limits.reasonCharacters));
        if (next === "later") await calls.pause(limits.attemptPauseMs);
        else {
          isFresh = true;
          await forget();
        }
      }
    },
  };
};

/** What a provider throws counts as a failure of its turn: the loop lives. */
const settled = async <T>(
  call: () => Promise<Result<T, ProviderError>>,
): Promise<Result<T, ProviderError>> => {
  try {
    return await call();
  } catch (error) {
    return fail({ code: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};
