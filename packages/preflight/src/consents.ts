import { consentAnswers, type ConsentKind, type Consents } from "@trust/dialog-engine/consents";
import type { Result } from "@gatehouse/std";

export type ConsentError = {
  readonly code: "unknown-consent";
  /** The text as given. */
  readonly text: string;
  readonly message: string;
};

const isKind = (text: string): text is ConsentKind => Object.hasOwn(consentAnswers, text);

/** One line for help and errors: `api-key=use|refuse, mcp=use|refuse, ...`. */
export const consentList: string = Object.entries(consentAnswers)
  .map(([kind, answers]) => `${kind}=${answers.join("|")}`)
  .join(", ");

/**
 * Parses `KIND=ANSWER` texts. An unknown kind or answer is an error, and so are two different answers for one
 * kind: an unreadable consent must not count as given.
 */
export const parseConsents = (texts: readonly string[]): Result<Consents, ConsentError> => {
  const consents: { [kind: string]: string } = {};
  for (const text of texts) {
    const [kind = "", answer = ""] = splitOnce(text);
    const answers: readonly string[] = isKind(kind) ? consentAnswers[kind] : [];
    if (!answers.includes(answer))
      return unknown(text, `"${text}" is no consent that can be given. There are: ${consentList}`);
    if (consents[kind] !== undefined && consents[kind] !== answer)
      return unknown(text, `"${kind}" is answered twice, with "${consents[kind]}" and "${answer}".`);
    consents[kind] = answer;
  }
  return { ok: true, value: consents };
};

const splitOnce = (text: string): readonly string[] => {
  const at = text.indexOf("=");
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};

const unknown = (text: string, message: string): Result<Consents, ConsentError> => ({
  ok: false,
  error: { code: "unknown-consent", text, message },
});
