import { fail, ok, parseJson } from "@gatehouse/std";
import type { RuntimeResult } from "../../runtime-result.ts";
import { engineClient, messageOf, NoEngine, type EngineRequest } from "./engine-client.ts";

/** Asks for one answer of the engine: its JSON; null if its status is one of `refusals`. */
export type AskOne = (request: EngineRequest, refusals?: readonly number[]) => Promise<unknown>;

/**
 * Asks an engine, on connections that are closed afterwards. If it does not answer, or answers with another status than
 * 200, that is the error. `answerMs` is for each answer.
 */
export const askEngine = async <T>(
  socketPath: string,
  ask: (one: AskOne) => Promise<T>,
  answerMs?: number,
): Promise<RuntimeResult<T>> => {
  const client = engineClient(socketPath, answerMs);
  try {
    return ok(
      await ask(async (request, refusals = []) => {
        const { status, bytes } = await client.call(request);
        if (refusals.includes(status)) return null;
        if (status !== 200) throw new NoEngine(`${socketPath} answers ${status}: ${messageOf(bytes)}`);
        const json = parseJson(bytes.toString("utf8"));
        if (json === null) throw new NoEngine(`${socketPath} does not answer with JSON.`);
        return json;
      }),
    );
  } catch (error) {
    if (!(error instanceof NoEngine)) throw error;
    return fail({ code: "runtime-unavailable", message: error.message });
  } finally {
    client.close();
  }
};
