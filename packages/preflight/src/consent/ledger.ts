import type { Grant } from "../grants/grant.ts";
import type { Provider } from "../request.ts";
import type { Via } from "../via.ts";
import type { Code } from "../statuses.ts";

/**
 * One line of `consents.jsonl`. `asked` is on disk before the key that confirms is pressed, `ended` once the outcome is
 * known: whatever was trusted in somebody's name has a line that says so, even if we were killed in between.
 */
export type ConsentRecord = {
  readonly v: 1;
  /** Ties an `ended` to its `asked`. */
  readonly id: string;
  readonly event: "asked" | "ended";
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly who: { readonly name: string; readonly uid: number };
  readonly provider: Provider;
  readonly cliVersion: string | null;
  readonly folder: string;
  readonly key: string;
  readonly grants: readonly Grant[];
  /** How trust was asked for; an older ledger does not say. */
  readonly via?: Via;
  /** Of an `ended`. */
  readonly code?: Code;
  /** Of an `ended`: keys that were recorded besides, or in the key's place, and that nobody named. */
  readonly unplanned?: readonly string[];
};

/** A consent and what came of it; `unfinished` where nobody lived to write the outcome. */
export type Consent = Omit<ConsentRecord, "event" | "code" | "v"> & { readonly outcome: Code | "unfinished" };

export type Ledger = {
  readonly consents: readonly Consent[];
  /** Lines that are no record: a line torn by a crash, or one of a later version. */
  readonly unreadable: number;
};

const isRecord = (value: unknown): value is ConsentRecord =>
  typeof value === "object" &&
  value !== null &&
  "v" in value &&
  value.v === 1 &&
  "id" in value &&
  typeof value.id === "string" &&
  "event" in value &&
  (value.event === "asked" || value.event === "ended");

/** A ledger of before has none, and one that somebody edited may have anything. */
const unplannedIn = ({ unplanned }: Partial<ConsentRecord> = {}): Pick<Consent, "unplanned"> =>
  Array.isArray(unplanned) && unplanned.length > 0 ? { unplanned: unplanned.map(String) } : {};

/** Reads parsed lines (null: not JSON) into consents, oldest first. */
export const consentsFrom = (lines: readonly unknown[]): Ledger => {
  const records = lines.filter(isRecord);
  const ended = new Map(
    records.filter(({ event }) => event === "ended").map((record) => [record.id, record]),
  );
  // A consent whose grants changed before the answer was written twice: the later one is what was answered.
  const asked = new Map(
    records.filter(({ event }) => event === "asked").map((record) => [record.id, record]),
  );
  const consents = [...asked.values()].map(
    ({ id, at, who, provider, cliVersion, folder, key, grants, via }) => ({
      id,
      at,
      who,
      provider,
      cliVersion,
      folder,
      key,
      grants,
      ...(via === undefined ? {} : { via }),
      outcome: ended.get(id)?.code ?? ("unfinished" as const),
      ...unplannedIn(ended.get(id)),
    }),
  );
  return { consents, unreadable: lines.length - records.length };
};
