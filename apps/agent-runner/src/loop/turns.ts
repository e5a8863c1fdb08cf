import { fail, ok, type Result } from "@gatehouse/std";
import { limits } from "../limits.ts";
import type { Answer, Prompt, Provider, ProviderError, TurnEnd, TurnTools } from "../provider.ts";
import type { Calls } from "./calls.ts";
import type { Conversation } from "./conversation.ts";
import type { Order } from "./next-work.ts";

/** Turns of one provider in one conversation. */
export type Turns = {
  /** Returns the answers, or the reason why there are none, a sentence for a person. */
  readonly run: (prompt: Prompt, tools: TurnTools) => Promise<Result<readonly Answer[], string>>;
  /** Carries out an order. True if it has ended a turn that the provider had begun by itself. */
  readonly obey: (order: Order) => Promise<boolean>;
};

/** The reaction to a failed attempt. */
export type Next = "fresh" | "later" | "give-up";

/**
 * Decides how to react to a failed attempt: an invalid conversation is replaced once, an unavailable provider
 * is asked again a few times, and any other error fails the turn.
 */
export const afterFailure = (
  { code }: ProviderError,
  { attempt, isFresh }: { readonly attempt: number; readonly isFresh: boolean },
): Next => {
  if (code === "invalid-conversation") return isFresh ? "give-up" : "fresh";
  return code === "unavailable" && attempt < limits.turnAttempts ? "later" : "give-up";
};

/** The receivers of what happens in a turn. */
type TurnEvents = {
  /** Called when the conversation is gone, so that the turn of this batch begins a new one. */
  readonly lost: (batch: string) => Promise<void>;
};

/** Makes the turns of a provider. */
export const createTurns = (
  provider: Provider,
  conversation: Conversation,
  calls: Calls,
  events: TurnEvents,
): Turns => {
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
    // A provider that begins the turn anew sends its messages again, with the same ids.
    tools.hostTools.begin([]);
    return settled(() => provider.turn(prompt, tools));
  };
  return {
    obey: async (order) => {
      const endedOwn = provider.ownTurns?.interrupt() === true;
      if (order === "clear") {
        provider.ownTurns?.end();
        await forget();
      }
      return endedOwn;
    },
    run: async (given, tools) => {
      let prompt = given;
      if (prompt.compacts === true && provider.compacts !== true)
        return ok([{ text: cannotCompact(provider.name), inReplyTo: prompt.messages[0]?.id ?? null }]);
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
        if (next === "later") {
          await calls.pause(limits.attemptPauseMs);
          // A new conversation may have begun meanwhile, which this turn would replace.
          if (tools.signal.aborted) return fail("The turn was interrupted.");
        } else {
          isFresh = true;
          if ((await conversation.load()) !== null) {
            await events.lost(prompt.batch);
            prompt = { ...prompt, notes: [...prompt.notes, conversationLost] };
          }
          await forget();
        }
      }
    },
  };
};

const conversationLost =
  "Your earlier conversation with these people is lost, so you do not know what was said in it.";

const cannotCompact = (name: string): string =>
  `The provider ${name} cannot compact a conversation. /clear begins a new one.`;

/** An error that a provider throws fails only its turn; the loop goes on. */
const settled = async <T>(
  call: () => Promise<Result<T, ProviderError>>,
): Promise<Result<T, ProviderError>> => {
  try {
    return await call();
  } catch (error) {
    return fail({ code: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};
