import { visible, visibleJson, visibleLines } from "@gatehouse/std";
import type { ResponseFrame } from "../wire/frame.ts";
import { withWidth } from "./display-width.ts";
import { renderData, type View } from "./render-data.ts";

/** How a client shows an answer. */
export type AnswerView = {
  /** The client's name, for the usage of a command. */
  readonly program: string;
  /** One JSON document instead of text for people. */
  readonly isJson: boolean;
  /** Returns the place where a table is shown. Called only if there is a table. */
  readonly view: () => View;
};

/** The text for stdout and for stderr. Each is empty or ends with a newline. */
export type AnswerText = { readonly out: string; readonly err: string };

/** The answer of `can` about one command. */
export type Verdict = {
  readonly effect: "allow" | "deny" | "approve";
  readonly ruleId: string;
  readonly reason: string;
};

const effects: readonly unknown[] = ["allow", "deny", "approve"] satisfies readonly Verdict["effect"][];

/** The verdict in a frame; null unless `command` is a `can` about one command. */
export const verdictOf = (command: string, frame: ResponseFrame): Verdict | null => {
  if (!/^can(-|$)/i.test(command) || !frame.ok) return null;
  const { effect, ruleId, reason } = (frame.data ?? {}) as Partial<Verdict>;
  return effect !== undefined && effects.includes(effect)
    ? { effect, ruleId: String(ruleId), reason: String(reason) }
    : null;
};

/**
 * An answer as text for a person, or as one JSON document: the frame, or the verdict of `can`. Control
 * characters in text from others are escaped.
 */
export const answerText = async (
  frame: ResponseFrame,
  { program, isJson, view }: AnswerView,
  verdict: Verdict | null = null,
): Promise<AnswerText> => {
  const warnings = frame.ok ? (frame.warnings ?? []) : [];
  const err = warnings.map((warning) => `warning: ${visible(warning)}\n`).join("");
  if (isJson) return { out: `${visibleJson(verdict ?? frame)}\n`, err };
  if (!frame.ok) {
    const { message, code, usage } = frame.error;
    const way = usage === undefined ? "" : `usage: ${program} ${visible(usage)}\n`;
    return { out: "", err: `error: ${visibleLines(message)} (${visible(code)})\n${way}` };
  }
  const { human, data } = frame;
  if (human !== undefined) return { out: `${visibleLines(human).trimEnd()}\n`, err };
  const shown = view();
  return { out: await withWidth((width) => renderData(data, shown, width)), err };
};
