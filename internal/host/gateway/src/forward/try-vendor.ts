import type { IncomingMessage } from "node:http";
import type { Result } from "@gatehouse/std";
import type { Refusal } from "../rules/refusal-messages.ts";
import { modelOfGoogle, type Upstreams, upstreamUrl, type VendorName, vendors } from "../rules/vendors.ts";
import { callVendor } from "./call-vendor.ts";
import { errorText } from "./pass-answer.ts";

/** A request of the operator, to see whether agents would get an answer. */
export type VendorTrialOptions = {
  readonly vendor: VendorName;
  readonly groupId: string;
  /** The full name of the model that is looked up; null for a list of models. */
  readonly model: string | null;
  readonly upstreams: Upstreams;
  readonly keyOf: (vendor: VendorName, groupId: string) => Promise<Result<string, Refusal>>;
};

/** The outcome of the trial: `message` is a sentence without a period. */
export type VendorTrial = {
  readonly outcome: "ok" | "no-key" | "key-refused" | "model-unknown" | "busy" | "away" | "odd";
  readonly message: string;
  readonly fix?: string;
};

/** Maximum time without a byte of the vendor, ms. */
const silenceMs = 15_000;

/**
 * Asks a vendor for its models with the key of a group, as the gateway would: the same key, headers and address. Such a
 * request costs nothing, and no limit counts it.
 */
export const tryVendor = async (options: VendorTrialOptions): Promise<VendorTrial> => {
  const { vendor, groupId, model, upstreams, keyOf } = options;
  const key = await keyOf(vendor, groupId);
  if (!key.ok) return { outcome: "no-key", message: withoutPeriod(key.error.message), fix: setKey(vendor) };
  const { list, one } = modelPaths[vendor];
  const name = model !== null && vendor === "google" ? modelOfGoogle(model) : model;
  const path = name === null ? list : `${one}${encodeURIComponent(name)}`;
  const begun = performance.now();
  const called = await callVendor({
    vendor,
    keptFor: null,
    method: "GET",
    body: null,
    silenceMs,
    signal: AbortSignal.timeout(silenceMs),
    url: upstreamUrl(upstreams, vendor, path),
    headers: vendors[vendor].withKey(versionHeaders[vendor], key.value),
  });
  if (!called.ok)
    return {
      outcome: "away",
      message: withoutPeriod(called.error.refusal.message),
      fix: reach(upstreams[vendor]),
    };
  const status = await statusOf(called.value, vendors[vendor].badKey);
  const ms = Math.round(performance.now() - begun);
  return outcomeOf({ vendor, model, status, ms });
};

/** Anthropic refuses a request without it. */
const versionHeaders: Readonly<Record<VendorName, Readonly<Record<string, string>>>> = {
  anthropic: { "anthropic-version": "2023-06-01" },
  openai: {},
  google: {},
};

/** Where a vendor lists one of its models, and has the facts of one. */
const modelPaths: Readonly<Record<VendorName, { readonly list: string; readonly one: string }>> = {
  anthropic: { list: "/v1/models?limit=1", one: "/v1/models/" },
  openai: { list: "/v1/models?limit=1", one: "/v1/models/" },
  google: { list: "/v1beta/models?pageSize=1", one: "/v1beta/models/" },
};

const withoutPeriod = (sentence: string): string => sentence.replace(/\.$/, "");
const setKey = (vendor: VendorName): string => `gatehouse secrets set ${vendor}`;
const reach = ({ origin }: URL): string =>
  `check that this machine reaches ${origin}, or set HTTPS_PROXY to your proxy; gatehouse up --upstream sets another address, and doctor takes the same flag`;

/** The status; 401 for a text by which the vendor refuses the key. */
const statusOf = async (answer: IncomingMessage, badKey: RegExp | null): Promise<number> => {
  const text = await errorText(answer);
  return badKey?.test(text) === true ? 401 : (answer.statusCode ?? 0);
};

type Answered = {
  readonly vendor: VendorName;
  readonly model: string | null;
  readonly status: number;
  readonly ms: number;
};

type Row = {
  readonly when: (answered: Answered) => boolean;
  readonly says: (answered: Answered) => VendorTrial;
};

/** The first row that fits counts. */
const rows: readonly Row[] = [
  {
    when: ({ status }) => status >= 200 && status < 300,
    says: ({ vendor, model, ms }) => ({
      outcome: "ok",
      message: `${vendor} takes the key${model === null ? "" : ` and knows ${model}`} (${ms} ms)`,
    }),
  },
  {
    when: ({ status }) => status === 401 || status === 403,
    says: ({ vendor, status }) => ({
      outcome: "key-refused",
      message: `${vendor} refuses the key (${status})`,
      fix: setKey(vendor),
    }),
  },
  {
    when: ({ status, model }) => status === 404 && model !== null,
    says: ({ vendor, model }) => ({
      outcome: "model-unknown",
      message: `${vendor} does not know the model ${model ?? ""}`,
      fix: "ncl groups config update GROUP --model NAME",
    }),
  },
  {
    when: ({ status }) => status === 404,
    says: ({ vendor, ms }) => ({
      outcome: "ok",
      message: `${vendor} answers, and has no list of models: the key was not tried (${ms} ms)`,
    }),
  },
  {
    when: ({ status }) => status === 429 || status >= 500,
    says: ({ vendor, status }) => ({
      outcome: "busy",
      message: `${vendor} is busy or has trouble (${status})`,
      fix: "try again later",
    }),
  },
];

const outcomeOf = (answered: Answered): VendorTrial => {
  const row = rows.find(({ when }) => when(answered));
  const { vendor, status } = answered;
  return row?.says(answered) ?? { outcome: "odd", message: `${vendor} answers with ${status}` };
};
