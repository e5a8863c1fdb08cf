import type { Grant } from "./grants.ts";
import type { Provider, Via } from "./request.ts";
import type { Code } from "./verdict.ts";

/**
 * One line of `consents.jsonl`. `asked` is written before trust is accepted, `ended` when the outcome is known. So
 * every trust has a line, even if our process is killed in between.
 */
export type ConsentRecord = {
  readonly v: 1;
  /** Links an `ended` to its `asked`. */
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
  /** How trust was asked for. */
  readonly via: Via;
  /** For `ended` only. */
  readonly code?: Code;
  /** For `ended` only: recorded keys that were not requested. */
  readonly unplanned?: readonly string[];
};

/** A consent and its outcome; `unfinished` if the process was killed before it wrote the outcome. */
export type Consent = Omit<ConsentRecord, "event" | "code" | "v"> & { readonly outcome: Code | "unfinished" };

export type Ledger = {
  readonly consents: readonly Consent[];
  /** The number of lines that are not records: torn by a crash, or written by a later version. */
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

/** An edited ledger may hold any value. */
const unplannedIn = ({ unplanned }: Partial<ConsentRecord> = {}): Pick<Consent, "unplanned"> =>
  Array.isArray(unplanned) && unplanned.length > 0 ? { unplanned: unplanned.map(String) } : {};

/** Reads parsed lines (null: not JSON) into consents, oldest first. */
export const consentsFrom = (lines: readonly unknown[]): Ledger => {
  const records = lines.filter(isRecord);
  const ended = new Map(
    records.filter(({ event }) => event === "ended").map((record) => [record.id, record]),
  );
  // If the grants changed before the answer, the consent was written twice. The later record holds the answered grants.
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
      via,
      outcome: ended.get(id)?.code ?? ("unfinished" as const),
      ...unplannedIn(ended.get(id)),
    }),
  );
  return { consents, unreadable: lines.length - records.length };
};
