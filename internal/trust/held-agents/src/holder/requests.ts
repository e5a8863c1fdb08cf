import { sizeIn, type Attach } from "./viewers.ts";

/** The request of a client of the control socket: the first line of its connection. */
export type HeldRequest =
  | { readonly do: "state" | "watch" | "screen" | "stop" }
  | { readonly do: "send"; readonly text: string; readonly isCommand: boolean }
  | { readonly do: "answer"; readonly option: string; readonly question?: string }
  | ({ readonly do: "attach" } & Attach);

/** The protocol's version. It rises if something is removed or changes its meaning. */
export const protocolVersion = 1;

/** The request in a line; null if the line is not a request. Unknown fields are ignored. */
export const requestIn = (line: unknown): HeldRequest | null => {
  const {
    v,
    do: asked,
    text,
    command,
    option,
    question,
    readOnly,
    take,
  } = Object(line) as Record<string, unknown>;
  if (v !== protocolVersion) return null;
  switch (asked) {
    case "state":
    case "watch":
    case "screen":
    case "stop":
      return { do: asked };
    case "send":
      return typeof text === "string" ? { do: asked, text, isCommand: command === true } : null;
    case "answer":
      if (typeof option !== "string") return null;
      if (question === undefined) return { do: asked, option };
      return typeof question === "string" ? { do: asked, option, question } : null;
    case "attach": {
      const size = sizeIn(line);
      return size === null
        ? null
        : { do: asked, ...size, isReadOnly: readOnly === true, takes: take === true };
    }
    default:
      return null;
  }
};
