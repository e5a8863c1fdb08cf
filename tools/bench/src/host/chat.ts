import { randomUUID } from "node:crypto";
import { connect } from "node:net";

/** A person's chat with one group. */
export type Chat = {
  /** Sends a text; resolves to the time until its answer, ms. Rejects if none arrives within a minute. */
  readonly roundTrip: (text: string) => Promise<number>;
  /** Sends a text whose agent asks for a tool, and allows it. Resolves to the times to its card and from there, ms. */
  readonly permission: (text: string) => Promise<{ readonly toCard: number; readonly fromCard: number }>;
  readonly close: () => void;
};

const patienceMs = 60_000;

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** Begins a chat as the only owner, with the frames of `gatehouse chat`. */
export const openChat = (path: string, group: string): Promise<Chat> =>
  new Promise((resolve, reject) => {
    const waiting = new Map<string, Waiting>();
    const socket = connect(path);
    const failAll = (error: Error): void => {
      reject(error);
      for (const one of waiting.values()) one.reject(error);
    };
    const send = (frame: object): void => void socket.write(`${JSON.stringify(frame)}\n`);
    const answerTo = async (text: string): Promise<void> => {
      const id = randomUUID();
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((answered, failed) => {
        waiting.set(id, { resolve: answered, reject: failed });
        timer = setTimeout(() => failed(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
        send({ type: "message", id, text });
      }).finally(() => clearTimeout(timer));
    };
    const roundTrip = async (text: string): Promise<number> => {
      const startedAt = performance.now();
      await answerTo(text);
      return performance.now() - startedAt;
    };
    let shownAt = 0;
    const permission = async (text: string): Promise<{ toCard: number; fromCard: number }> => {
      const startedAt = performance.now();
      await answerTo(text);
      return { toCard: shownAt - startedAt, fromCard: performance.now() - shownAt };
    };
    const take = (frame: ServerFrame): void => {
      if (frame.type === "welcome") return resolve({ roundTrip, permission, close: () => socket.destroy() });
      if (frame.type === "error") return failAll(new Error(frame.message));
      if (frame.type !== "message") return;
      if (frame.card !== undefined) {
        shownAt = performance.now();
        const { id: cardId, digest: seen } = frame.card;
        return send({ type: "answer", id: randomUUID(), cardId, option: "approve", seen });
      }
      waiting.get(frame.inReplyTo ?? "")?.resolve();
      waiting.delete(frame.inReplyTo ?? "");
    };
    let rest = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(JSON.parse(line) as ServerFrame);
    });
    socket.on("error", failAll).on("close", () => failAll(new Error("the host closed the chat")));
    send({ type: "hello", version: 1, group, as: null, after: null });
  });

type ServerFrame =
  | { readonly type: "welcome" | "taken" }
  | {
      readonly type: "message";
      readonly inReplyTo: string | null;
      readonly card?: { readonly id: string; readonly digest: string };
    }
  | { readonly type: "error"; readonly message: string };
