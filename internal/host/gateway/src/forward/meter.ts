import type { Result } from "@gatehouse/std";
import type { Refusal } from "../rules/refusal-messages.ts";
import type { Tokens } from "../rules/read-usage.ts";
import type { VendorName } from "../rules/vendors.ts";
import type { Caller } from "./caller.ts";

/** A request that is about to cost tokens. */
export type Counted = {
  readonly caller: Caller;
  readonly vendor: VendorName;
  readonly model: string;
  /** The estimate until the vendor names the usage. */
  readonly tokens: Tokens;
  /** The estimate of the same request with an empty conversation. */
  readonly least: Tokens;
  /** A field of the request that changes the model's price; null without one. */
  readonly otherPrice: string | null;
};

/**
 * Replaces the estimate by the usage. Null: the request did not leave the host, so it does not count at all. Without
 * this call the reservation stays.
 */
export type Settle = (used: Tokens | null) => Promise<void>;

/** Counts requests, tokens and money. `reserve` is on disk before it resolves; a refusal is a limit that is reached. */
export type Meter = { readonly reserve: (request: Counted) => Promise<Result<Settle, Refusal>> };
