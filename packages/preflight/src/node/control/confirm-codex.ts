import type { Result, Verdict } from "../../index.ts";
import type { ConfirmContext, Confirmer } from "../plan/strategy.ts";
import { codexRecord, decidingEntry } from "./codex-record.ts";
import { confirmByControl, type StepsFor } from "./confirm-by-control.ts";
import { withConversation, type ControlProtocol } from "./conversation.ts";
import {
  readCodexAnswer,
  askWrite,
  initialize,
  initialized,
  readConfig,
  trustFolder,
  type CodexAnswer,
  type CodexRequest,
} from "../../control/codex-protocol.ts";
import { changedAgain, noVersion, notAsked, refused, unsupported } from "../../diagnostic-messages.ts";
import { keyStamp, movedVerdict } from "../same-folder/check-program.ts";
import type { ControlSteps, Refusal } from "./accept.ts";
import type { Asked } from "./control-channel.ts";

/** Lends a confirmer that makes `codex app-server` write trust to config.toml. Codex has no other way. */
export const confirmCodex = <T>(
  context: ConfirmContext,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> =>
  withConversation(
    context,
    codexRecord(context),
    {
      protocolFor: () => codexProtocol,
      confirmWith: (conversation, batch) => {
        const protocol = { conversation, stepsFor: codexSteps, brief: codexBrief };
        return (group) => confirmByControl(group, batch, protocol);
      },
    },
    use,
  );

/** Maximum tries if config.toml keeps changing between reading its version and writing. */
const maxTries = 5;

/**
 * `codex app-server` on stdin and stdout. We never send `thread/start`, on which Codex can trust a folder by itself
 * (openai/codex#24580).
 */
export const codexProtocol: ControlProtocol<CodexRequest, CodexAnswer> = {
  args: ["app-server"],
  variables: {},
  readAnswer: readCodexAnswer,
  checkSupport: async (channel, { timeoutMs }) => {
    const supported = await channel.ask({ request: initialize, timeoutMs });
    if (!supported.ok) return supported;
    channel.tell(initialized);
    const asked = await channel.ask({ request: askWrite, timeoutMs });
    if (!asked.ok) return asked;
    return { ok: true, value: asked.value.status === "unsupported" ? "unsupported" : "supported" };
  },
};

/**
 * Makes Codex write one folder's entry during the folder's turn. The write names the version of config.toml from before
 * the final check, so Codex refuses it if a person changed the file meanwhile.
 */
const codexSteps: StepsFor<CodexRequest, CodexAnswer> = (folder, { batch, ask }) => {
  const { paths } = folder;
  const stamp = keyStamp(paths);
  let version = "";

  const look = async (): Promise<Verdict | null> => {
    const read = versionIn(await ask(readConfig));
    if (!read.ok) return { code: "control-unavailable", why: read.error };
    version = read.value;
    const entry = await decidingEntry(paths, batch);
    if (!entry.ok) return { code: "state-unreadable", file: batch.file, why: entry.error };
    if (entry.value.state === "untrusted")
      return { code: "untrusted-by-user", key: entry.value.key, file: batch.file };
    return movedVerdict(folder, stamp);
  };

  const accept = async (): Promise<Refusal | null> => {
    for (let tries = 1; tries <= maxTries; tries++) {
      const asked = await ask((id) => trustFolder(id, paths.real, version));
      if (!asked.ok) return { why: notAsked(asked.error), verdict: null };
      if (asked.value.status === "ok") return null;
      if (asked.value.status !== "conflict") return refusal(asked.value);
      const verdict = await look();
      if (verdict !== null) return { why: changedAgain, verdict };
    }
    return unavailable(changedAgain);
  };

  const finalCheck: ControlSteps["finalCheck"] = async () => ({ verdict: await look(), diagnostics: [] });

  return { finalCheck, accept };
};

const versionIn = (asked: Asked<CodexAnswer>): Result<string, string> => {
  if (!asked.ok) return { ok: false, error: notAsked(asked.error) };
  const { status } = asked.value;
  if (status === "refused") return { ok: false, error: refused(asked.value.detail) };
  if (status !== "ok" || asked.value.version === null) return { ok: false, error: noVersion };
  return { ok: true, value: asked.value.version };
};

const refusal = (answer: CodexAnswer): Refusal =>
  unavailable(answer.status === "refused" ? refused(answer.detail) : unsupported);

/** Codex answered that it wrote nothing. */
const unavailable = (why: string): Refusal => ({ why, verdict: { code: "control-unavailable", why } });

/**
 * Leaves out the user's configuration, which the answer to `config/read` contains. Turns folders from field names into
 * texts, because only texts are redacted.
 */
const codexBrief = (message: unknown): unknown => {
  const addressed = readCodexAnswer(message);
  if (addressed !== null) return { id: addressed.requestId, answer: addressed.answer };
  const { id, method, params } = Object(message) as Partial<CodexRequest>;
  const { edits, expectedVersion } = Object(params) as { edits?: unknown; expectedVersion?: unknown };
  if (!Array.isArray(edits)) return { id, method };
  const trusts = edits.flatMap((edit) => Object.keys(Object((edit as { value?: unknown }).value) as object));
  return { id, method, trusts, expectedVersion };
};
