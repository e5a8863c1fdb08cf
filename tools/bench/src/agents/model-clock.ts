import { openScriptedModel } from "@gatehouse/model-stand-in/testing";

/** The models' API on loopback, which tells when a text reaches it. */
export type ModelClock = {
  readonly address: string;
  /** The time from a message to the request with it, ms. Resolves after the answer. */
  readonly toRequest: (say: (text: string) => Promise<unknown>) => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** Serves the stand-in in this process, whose clock is that of the measurement. */
export const startModelClock = async (): Promise<ModelClock> => {
  const waiting = new Map<string, (at: number) => void>();
  const model = await openScriptedModel({
    onRequest: ({ body }) => {
      const at = performance.now();
      const asked = JSON.stringify(body);
      for (const [text, resolve] of waiting)
        if (asked.includes(text)) {
          waiting.delete(text);
          resolve(at);
        }
    },
  });
  let said = 0;
  return {
    address: model.url,
    toRequest: async (say) => {
      const text = `word-${(said += 1)}-end`;
      const arrived = new Promise<number>((resolve) => waiting.set(text, resolve));
      const startedAt = performance.now();
      const answered = say(text);
      const at = await Promise.race([arrived, answered.then(() => null)]);
      await answered;
      if (at === null) throw new Error("There was an answer without a request.");
      return at - startedAt;
    },
    stop: model.close,
  };
};
