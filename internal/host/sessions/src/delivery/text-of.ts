import type { Json } from "@gatehouse/session-rows/messages";

/** The text of a message's content; empty if there is none. */
export const textOf = (content: Json): string => {
  const text = fieldOf(content, "text");
  return typeof text === "string" ? text : "";
};

/** A field of a message's content; undefined if it is absent. */
export const fieldOf = (content: Json, name: string): Json | undefined =>
  typeof content === "object" && content !== null && !Array.isArray(content)
    ? (content as { readonly [key: string]: Json })[name]
    : undefined;
