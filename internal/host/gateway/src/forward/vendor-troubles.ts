import type { CentralTables } from "@gatehouse/central-database";
import { setVendorTrouble } from "@gatehouse/session-rows";
import type { Kysely } from "kysely";
import type { VendorName } from "../rules/vendors.ts";
import type { Caller } from "./caller.ts";

/** Notes how a vendor took a request of an agent: the trouble of a failed one, or null. */
export type NoteVendor = (caller: Caller, vendor: VendorName, trouble: string | null) => Promise<void>;

type VendorTroublesOptions = {
  readonly db: Kysely<CentralTables>;
  readonly log: (event: string, fields: Readonly<Record<string, string | number>>) => void;
  readonly now: () => Date;
  /** Time without a failed request after which a trouble is over, ms. */
  readonly quietMs?: number;
};

type Running = { readonly since: string; failed: number; end: NodeJS.Timeout | null };

/**
 * Keeps the trouble of each agent with its token, from which the chat, `gatehouse status` and `ps --waiting` read it. The
 * log gets one event when a trouble of a vendor begins, and one when it has ended.
 */
export const vendorTroubles = ({ db, log, now, quietMs = 20_000 }: VendorTroublesOptions): NoteVendor => {
  const running = new Map<VendorName, Running>();
  const noteFailed = (vendor: VendorName, trouble: string): void => {
    const known = running.get(vendor);
    if (known === undefined) log("vendor-trouble-begun", { vendor, trouble });
    clearTimeout(known?.end ?? undefined);
    const { since, failed } = known ?? { since: now().toISOString(), failed: 0 };
    running.set(vendor, { since, failed: failed + 1, end: null });
  };
  const noteAnswered = (vendor: VendorName): void => {
    const known = running.get(vendor);
    // An overloaded vendor answers some requests between those that fail.
    if (known === undefined || known.end !== null) return;
    known.end = setTimeout(() => {
      running.delete(vendor);
      log("vendor-trouble-ended", { vendor, since: known.since, failed: known.failed });
    }, quietMs).unref();
  };
  return async (caller, vendor, trouble) => {
    if (trouble === null) noteAnswered(vendor);
    else noteFailed(vendor, trouble);
    if (trouble === null && !caller.hasTrouble) return;
    await setVendorTrouble(db, caller, { trouble, now: now().toISOString() });
  };
};
