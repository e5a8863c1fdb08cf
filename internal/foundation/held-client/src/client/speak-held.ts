import type { Result } from "@gatehouse/std";
import { heldPlaces } from "../records/held-places.ts";
import type { HeldAgent } from "../records/list-held.ts";
import { askHeld, type HeldLine } from "./ask-held.ts";
import type { HeldFailure } from "./held-failure.ts";

/** Time limit of a reply, ms. A holder waits up to 15 s each until the agent is ready, shows the prompt, and takes it. */
const replyMs = 60_000;

/**
 * Sends a prompt to an agent of a data folder; resolves once the agent has shown it on its screen and taken
 * it. With `isCommand` the CLI may run it as one of its own commands (`/compact`); otherwise such a text is
 * refused: `is-command`. `by` names the person for the agent's log.
 */
export const sendHeld = (
  dataDir: string,
  agent: HeldAgent,
  {
    text,
    isCommand = false,
    by,
  }: { readonly text: string; readonly isCommand?: boolean; readonly by?: string },
  signal?: AbortSignal,
): Promise<Result<HeldLine, HeldFailure>> => {
  const request = { do: "send", text, ...(isCommand ? { command: true } : {}), by };
  return askAgent(dataDir, agent, request, signal);
};

/**
 * Answers the question at which an agent waits, with the text of one of its options; resolves once the
 * question has gone. `question` is the id of the question that the person has seen: no other is answered.
 * `by` names the person for the agent's log.
 */
export const answerHeld = (
  dataDir: string,
  agent: HeldAgent,
  answer: { readonly option: string; readonly question: string; readonly by?: string },
  signal?: AbortSignal,
): Promise<Result<HeldLine, HeldFailure>> => askAgent(dataDir, agent, { do: "answer", ...answer }, signal);

/** The rows of an agent's screen, redacted; the last screen of an agent that has ended. */
export const screenHeld = async (
  dataDir: string,
  agent: HeldAgent,
  signal?: AbortSignal,
): Promise<Result<readonly string[], HeldFailure>> => {
  if (agent.state === "ended" && agent.screen !== undefined)
    return { ok: true, value: agent.screen.split("\n") };
  const asked = await askAgent(dataDir, agent, { do: "screen" }, signal);
  if (!asked.ok) return asked;
  const rows = asked.value["rows"];
  return { ok: true, value: Array.isArray(rows) ? rows.map(String) : [] };
};

const askAgent = async (
  dataDir: string,
  agent: HeldAgent,
  request: object,
  signal?: AbortSignal,
): Promise<Result<HeldLine, HeldFailure>> =>
  notHeld(agent) ?? askHeld(heldPlaces(dataDir).socketOf(agent.id), request, replyMs, signal);

/** The error for an agent that has ended or whose holder has ended; null for any other agent. */
export const notHeld = ({ state }: HeldAgent): Result<never, HeldFailure> | null => {
  if (state === "lost") {
    const message = "The agent's holder has ended.";
    return {
      ok: false,
      error: { code: "lost", message, fix: "Stop the agent: this ends its remaining processes." },
    };
  }
  return state === "ended" ? { ok: false, error: { code: "ended", message: "The agent has ended." } } : null;
};
