import type { PendingFolder, Verdict } from "../../index.ts";
import { nothingPressed, noTimings, repeated, type Attempt } from "../../result-of.ts";
import { noStrayKeys, type StrayKeys } from "../../trust-keys.ts";
import { createCommit, type Commit } from "../commit.ts";
import type { Batch } from "../dialog/batch.ts";
import type { PendingGroup } from "../plan/strategy.ts";
import type { FinalCheck } from "../same-folder/check-program.ts";
import { accept, type Accepted, type ControlSteps } from "./accept.ts";
import type { Conversation } from "./conversation.ts";
import type { Asked, ControlChannel, Question } from "./control-channel.ts";
import { createTranscript, type Transcript } from "./transcript.ts";

/** The outcome for a folder. `passedOn`: why its dialog may be answered instead, since this attempt recorded nothing. */
export type ControlAttempt = Attempt & { readonly passedOn: string | null };

export type StepsFor<Request, Answer> = (
  folder: PendingFolder,
  asker: Asker<Request, Answer>,
) => ControlSteps;

type Asker<Request, Answer> = {
  readonly batch: Batch;
  /** Asks, with half of the folder's time as the limit. The recording keeps question and answer. */
  readonly ask: (request: Question<Request>["request"]) => Promise<Asked<Answer>>;
  readonly transcript: Transcript;
};

/** The conversation of a batch, and the requests of its protocol. */
export type Protocol<Request, Answer> = {
  readonly conversation: Conversation<ControlChannel<Request, Answer>>;
  readonly stepsFor: StepsFor<Request, Answer>;
  /** Shortens a message in either direction for the recording. */
  readonly brief: (message: unknown) => unknown;
};

/**
 * Makes the CLI record trust for folders that share a key, over its control protocol. If another CLI that started
 * meanwhile overwrote the trust (2.1.248 on a busy machine: 2 of 44), a new process is asked once more: the first
 * process believes that the folder is trusted and does not write again.
 */
export const confirmByControl = async <Request, Answer>(
  group: PendingGroup,
  batch: Batch,
  protocol: Protocol<Request, Answer>,
): Promise<ControlAttempt> => {
  const first = await attempt(group, batch, protocol, true);
  if (!first.isAskedAgain || batch.signal.aborted) return first;
  const second = await attempt(group, batch, protocol, false);
  return { ...repeated(first, second), passedOn: second.passedOn };
};

/** `isAskedAgain`: the asked process has ended, and the trust of this folder or another one was lost. */
type OneAttempt = ControlAttempt & { readonly isAskedAgain: boolean };

const attempt = async <Request, Answer>(
  group: PendingGroup,
  batch: Batch,
  { conversation, stepsFor, brief }: Protocol<Request, Answer>,
  isFirst: boolean,
): Promise<OneAttempt> => {
  const [folder] = group;
  const { workspace, provider } = folder;
  const arrivedAt = performance.now();
  const tell = (step: "starting" | "waiting" | "confirming", text: string): void =>
    batch.onProgress({ workspace, provider, step, text });
  const hasWaited = await conversation.takeSlot(() => tell("waiting", "waits for other preflights"));
  const startedAt = performance.now();
  const slotWaitMs = startedAt - arrivedAt;
  if (batch.signal.aborted) return unasked({ code: "cancelled" }, startedAt);
  if (hasWaited && (await batch.isTrusted(folder.paths)))
    return unasked({ code: "already-trusted-after-wait", key: folder.trustKey }, startedAt);
  tell("starting", `asks ${batch.cli.path}`);
  const opened = await conversation.open(folder.paths.real);
  const openedAt = performance.now();
  if (batch.signal.aborted) return unasked({ code: "cancelled" }, startedAt);
  if (!opened.ok) return unasked(unavailable(opened.error), startedAt);
  const transcript = createTranscript(folder, batch, brief);
  const ask: Asker<Request, Answer>["ask"] = (request) =>
    opened.value.ask({ request, timeoutMs: batch.limits.totalMs / 2, onMessage: transcript.message });
  const steps = stepsFor(folder, { batch, ask, transcript });
  let turnAt: number | null = null;
  const finalCheck = (): ReturnType<FinalCheck> => {
    turnAt = performance.now();
    return steps.finalCheck();
  };
  const asking = { via: "control", finalCheck } as const;
  const commit = createCommit(group, asking, batch, batch.signal, (text) => tell("waiting", text));
  const isBegun = await begin(commit);
  if (isBegun) tell("confirming", "confirms");
  const accepted = isBegun
    ? await accept(folder, { batch, steps, conversation, isAskedAgain: isFirst })
    : null;
  const ended = await finish(group, batch, { commit, accepted, conversation });
  const endedAt = performance.now();
  const written = await transcript.write(ended.verdict.code);
  const why = passedOn(ended.verdict, accepted);
  return {
    verdict: ended.verdict,
    passedOn: why,
    isAskedAgain: why !== null && (accepted?.isLost ?? !conversation.isOpen(opened.value)),
    screen: "",
    via: "control",
    ...nothingPressed,
    isAnswered: accepted !== null,
    grants: commit.grants(),
    durationMs: endedAt - startedAt + slotWaitMs,
    timings: timingsOf(accepted, { slotWaitMs, startedAt, openedAt, turnAt, endedAt }),
    ...written,
    diagnostics: [...ended.diagnostics, ...written.diagnostics],
  };
};

/** Values of `performance.now()`, except `slotWaitMs`; `turnAt` is null if the folder's turn did not come. */
type Moments = Readonly<Record<"slotWaitMs" | "startedAt" | "openedAt" | "endedAt", number>> & {
  readonly turnAt: number | null;
};

const timingsOf = (
  accepted: Accepted | null,
  { slotWaitMs, startedAt, openedAt, turnAt, endedAt }: Moments,
): Attempt["timings"] => ({
  lockWaitMs: (turnAt ?? endedAt) - openedAt + slotWaitMs,
  spawnToDialogMs: openedAt - startedAt,
  decideMs: accepted === null ? 0 : accepted.askedAt - (turnAt ?? openedAt),
  commitMs: accepted === null ? 0 : accepted.provenAt - accepted.askedAt,
  settleMs: accepted === null ? 0 : endedAt - accepted.provenAt,
});

const unavailable = (why: string): Verdict => ({ code: "control-unavailable", why });

/** The reason if the dialog may be answered: the CLI was not told to accept, or was told and did nothing. Else null. */
const passedOn = (verdict: Verdict, accepted: Accepted | null): string | null => {
  if (verdict.code === "control-unavailable") return verdict.why;
  return verdict.code === "trust-not-persisted" ? (accepted?.why ?? null) : null;
};

/** False if trust must not be accepted; `commit.refusal()` has the reason. */
const begin = async (commit: Commit): Promise<boolean> => {
  try {
    await commit.begin();
    return true;
  } catch (error) {
    if (commit.refusal() === null) throw error;
    return false;
  }
};

type Ending = {
  readonly commit: Commit;
  readonly accepted: Accepted | null;
  readonly conversation: Pick<Conversation<unknown>, "giveUp">;
};

/** Checks the recorded keys while the turn is held, ends the turn, and records the outcome. */
const finish = async (
  group: PendingGroup,
  { answers, file, signal }: Batch,
  { commit, accepted, conversation }: Ending,
): Promise<Pick<Attempt, "verdict" | "diagnostics">> => {
  const { trustKey } = group[0];
  const stray = accepted === null ? noStrayKeys : await commit.strayKeys();
  if (accepted !== null) answers.push({ group, commit, stray });
  const verdict = ((): Verdict => {
    if (stray.wider.length > 0)
      return { code: "trust-wider-than-planned", planned: trustKey, keys: stray.wider, file };
    if (accepted === null) return commit.refusal() ?? { code: "cancelled" };
    if (accepted.isProven) return { code: "trusted", key: trustKey };
    if (accepted.verdict !== null) return accepted.verdict;
    if (signal.aborted) return { code: "cancelled" };
    return { code: "trust-not-persisted", reason: { type: "not-written" }, file };
  })();
  if (verdict.code === "trust-wider-than-planned") conversation.giveUp(wrote(stray));
  const turned = await commit.endTurn();
  const closed = await commit.close(verdict.code, stray.wider);
  return { verdict, diagnostics: [...(accepted?.diagnostics ?? []), ...turned, ...closed] };
};

const wrote = ({ wider }: StrayKeys): string => `It recorded ${wider.join(", ")} for another folder.`;

/** The outcome for a folder if the CLI was not asked about it. */
const unasked = (verdict: Verdict, startedAt: number): OneAttempt => ({
  verdict,
  isAskedAgain: false,
  passedOn: verdict.code === "control-unavailable" ? verdict.why : null,
  screen: "",
  via: null,
  ...nothingPressed,
  timings: noTimings,
  durationMs: performance.now() - startedAt,
  diagnostics: [],
});
