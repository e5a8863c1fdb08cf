import { fail, ok, type Result } from "@gatehouse/std";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { hostToolsOf, type HostTools, type SendInput } from "../host-tools/host-tools.ts";
import type { NclRelay } from "../ncl/relay.ts";
import type { Calls } from "./calls.ts";
import { sentMessage, type SendPlace } from "./outbound.ts";
import { withFiles, type PutFiles } from "./with-files.ts";

type Sending = {
  readonly side: Pick<AgentSide, "commit">;
  readonly calls: Calls;
  readonly putFiles: PutFiles;
  readonly signal: AbortSignal;
};

/** The host tools of one turn. `place` is where the turn's messages go. */
export const hostToolsOfTurn = (
  {
    relay,
    groupId,
    ...sending
  }: Sending & { readonly relay: Pick<NclRelay, "run">; readonly groupId: string },
  place: Omit<SendPlace, "occurrence">,
): HostTools =>
  hostToolsOf({
    ncl: relay.run,
    groupId,
    send: (input, occurrence) => sendNow(sending, input, { ...place, occurrence }),
  });

/**
 * Sends a message during a turn. Resolves when the host or the spool has it. The value has a sentence for each file
 * that was left out; the error is a sentence, and nothing was sent.
 */
const sendNow = async (
  { side, calls, putFiles, signal }: Sending,
  input: SendInput,
  place: SendPlace,
): Promise<Result<readonly string[], string>> => {
  const made = sentMessage(input, place, calls.now());
  if (!made.ok) return made;
  const paths = new Map([[made.value.id, input.files ?? []]]);
  if (signal.aborted) return fail(interrupted);
  const { messages, notes } = await withFiles(putFiles, [made.value], paths);
  if (signal.aborted) return fail(interrupted);
  await calls.persist(() => side.commit({ acknowledgements: [], messages, now: calls.now() }));
  return ok(notes);
};

const interrupted = "The turn was interrupted. Nothing was sent.";
