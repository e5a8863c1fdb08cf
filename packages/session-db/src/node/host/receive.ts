import type { InboundMessage } from "../../messages.ts";
import type { Delivery, HostEnd, TransportResult, Undelivered } from "../../transport.ts";
import { keepOpen, writeDelivery, type Seen } from "./deliveries.ts";
import { writeFenced } from "./fence.ts";
import { insertMessages } from "./messages-in.ts";
import { outboundLooker, type Looked, type Page, type Sides } from "./new-rows.ts";
import { stampOf } from "../file-stamp.ts";

type Outcome = Pick<HostEnd, "receive" | "acknowledge"> & {
  /** Whether the container's file may differ from what the last `receive` saw. */
  readonly mayHaveNews: () => boolean;
};
type Wanted = Parameters<HostEnd["receive"]>[0];

/** The most messages that one call reads. */
const mostAtOnce = 50;

/**
 * What the container sent, from a cursor on. The cursor goes past a message once it is delivered, failed or
 * kept in `outbound_open`, so neither a late message nor history makes a call longer.
 */
export const outboundMessages = (sides: Sides, outbound: string): Outcome => {
  const { look, hasRead } = outboundLooker(sides);
  let seen: readonly Seen[] = [];
  /** How the file looked before it was read; null if that is of no use. */
  let stamp: string | null = null;
  /** Something waits, perhaps for its time. */
  let hasOpen = true;
  /** Begun by this host: what is claimed and not among them, an earlier one left. */
  const claimedHere = new Set<string>();

  const page = async ({ limit, now, except = [] }: Wanted): Promise<TransportResult<Sorted>> => {
    const before = stampOf(outbound);
    stamp = null;
    const wanted = { now, except, most: Math.min(limit, mostAtOnce) };
    const looked = await look(wanted);
    if (!looked.ok) return looked;
    if (!before.isTooFresh) stamp = before.text;
    hasOpen = looked.value.hasOpen || looked.value.fresh.length > 0;
    seen = looked.value.fresh;
    const sorted = sortOut(looked.value, wanted, claimedHere);
    if (sorted.hasToBeNoted) {
      const noted = await note({ deliveries: sorted.givenUp, answers: [] }, now);
      if (!noted.ok) return noted;
    }
    return { ok: true, value: sorted };
  };

  const receive: Outcome["receive"] = async (wanted) => {
    for (;;) {
      const read = await page(wanted);
      if (!read.ok) return read;
      if (!read.value.isPassed) return { ok: true, value: read.value.messages };
    }
  };

  /** Writes how messages ended, and moves the cursor past what was seen. */
  const note = async (noted: Noted, now: string): Promise<TransportResult<null>> => {
    const window = seen;
    const written = await writeDeliveries(sides, noted, window, now);
    if (written.ok) hasRead(window.at(-1)?.seq ?? 0);
    if (written.ok && seen === window) seen = [];
    return written;
  };

  return {
    receive,
    mayHaveNews: () => hasOpen || stamp === null || stamp !== stampOf(outbound).text,
    acknowledge: async (deliveries, answers = []) => {
      const at = deliveries[0]?.at ?? answers[0]?.timestamp;
      if (at === undefined) return { ok: true, value: null };
      const noted = await note({ deliveries, answers }, at);
      if (noted.ok)
        for (const { id, status } of deliveries) {
          if (status === "claimed") claimedHere.add(id);
          else claimedHere.delete(id);
        }
      return noted;
    },
  };
};

type Noted = { readonly deliveries: readonly Delivery[]; readonly answers: readonly InboundMessage[] };

/** The acknowledgements that were seen with the messages go into the same commit. */
const writeDeliveries = async (
  { file, token, inbox }: Sides,
  { deliveries, answers }: Noted,
  window: readonly Seen[],
  now: string,
): Promise<TransportResult<null>> => {
  const written = await file.transaction(
    "write",
    writeFenced(token, (db) => {
      insertMessages(db, answers);
      for (const delivery of deliveries) writeDelivery(db, delivery);
      keepOpen(db, window);
      return { ok: true, value: inbox.settle(db, now) };
    }),
  );
  if (!written.ok) return written;
  inbox.settled(written.value);
  return { ok: true, value: null };
};

/** What a page comes to. */
type Sorted = {
  readonly messages: readonly Undelivered[];
  /** Those that never will be delivered. */
  readonly givenUp: readonly Delivery[];
  readonly hasToBeNoted: boolean;
  /** The cursor goes past what came, and all of it is for later or not wanted. */
  readonly isPassed: boolean;
};

const sortOut = (
  { kept, fresh, gone, statuses }: Looked,
  { now, most, except }: Page,
  claimedHere: ReadonlySet<string>,
): Sorted => {
  const unwanted = new Set(except);
  const isOver = ({ id, message }: Seen): boolean =>
    message === null ||
    unwanted.has(message.id) ||
    (message.deliverAfter ?? "") > now ||
    isFinal(statuses.get(id ?? ""));
  const rows = [...kept, ...fresh];
  const unusable = rows.flatMap(({ id, message }) => (message === null ? (id ?? []) : []));
  const messages = rows
    .filter((row) => !isOver(row))
    .flatMap(({ message }) => message ?? [])
    .slice(0, most)
    .map((message): Undelivered => {
      const wasClaimed = statuses.get(message.id) === "claimed" && !claimedHere.has(message.id);
      return { ...message, wasClaimed };
    });
  return {
    messages,
    givenUp: [...gone, ...unusable].map((id) => givenUp(id, now)),
    hasToBeNoted: gone.length + unusable.length > 0 || fresh.some(isOver),
    isPassed: fresh.length > 0 && messages.length === 0,
  };
};

const isFinal = (status: string | undefined): boolean => status === "delivered" || status === "failed";

const givenUp = (id: string, at: string): Delivery => ({ id, status: "failed", platformMessageId: null, at });
