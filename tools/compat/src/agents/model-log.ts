import { setTimeout as pause } from "node:timers/promises";
import { openScriptedModel } from "@gatehouse/model-stand-in/testing";

/** A request that reached the model's API. */
export type ModelRequest = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly model?: string;
    readonly system?: unknown;
    readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
    /** The conversation of a request to the Responses API. */
    readonly input?: unknown;
    /** The conversation of a request to Google's API. */
    readonly contents?: unknown;
    readonly tools?: unknown;
    /** Claude Code's `--effort` is its field `effort` (2.1.328). */
    readonly output_config?: unknown;
    readonly reasoning?: unknown;
  };
};

/** A list of a request's body; empty if there is none. */
export const asList = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as T[]) : []);

/** The files in a request of the Messages API, as base64. */
export const filesInMessages = ({ messages = [] }: ModelRequest["body"]): readonly string[] =>
  messages
    .flatMap(({ content }) => asList<{ readonly source?: { readonly data: string } }>(content))
    .flatMap(({ source }) => source?.data ?? []);

/** The model's API on 127.0.0.1, which keeps each request. */
export type LoggedModel = {
  readonly url: string;
  readonly requests: () => readonly ModelRequest[];
  /** Resolves once there are more requests than `count`; throws if none comes within a minute. */
  readonly hasMoreThan: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** `delayMs`: how late the text of an answer comes. */
export const openLoggedModel = async (delayMs = 0): Promise<LoggedModel> => {
  const { url, close, requests: all } = await openScriptedModel({ lateMs: delayMs });
  const requests = (): readonly ModelRequest[] => all.slice() as unknown as readonly ModelRequest[];
  return {
    url,
    close,
    requests,
    hasMoreThan: async (count) => {
      for (const until = Date.now() + 60_000; requests().length <= count; await pause(20))
        if (Date.now() > until)
          throw new Error(`The model has got no more than ${count} requests within a minute.`);
    },
  };
};
