import { oneLine, shellWord } from "@gatehouse/std";
import type { Caller } from "../forward/caller.ts";
import { vendors, type VendorName } from "./vendors.ts";

/** An answer of the gateway itself, instead of the vendor's. */
export type Refusal = {
  readonly status: number;
  /** The kind of error in the vendor's words. */
  readonly type: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Only an owner can change it: owners are told of this cause once a day. It has no text of an agent. */
  readonly toldAs?: string;
};

/**
 * A refusal that the CLI shows at once. Of all statuses, Claude Code 2.1.330 and Codex 0.169.0 show the message of a
 * 402 without a retry and without words of their own.
 */
export const finalRefusal = (type: string, message: string): Refusal => ({ status: 402, type, message });

/** A final refusal of which owners are told once a day for each `toldAs`. */
export const ownersRefusal = (toldAs: string, type: string, message: string): Refusal => ({
  ...finalRefusal(type, message),
  toldAs,
});

export const unknownToken: Refusal = {
  status: 401,
  type: "authentication_error",
  message: "The gateway does not know this token: the agent was stopped, or started anew.",
};

export const noSuchPath: Refusal = {
  status: 404,
  type: "not_found_error",
  message: "The gateway does not serve this path.",
};

export const noSuchMethod = (allowed: string): Refusal => ({
  status: 405,
  type: "invalid_request_error",
  message: `The gateway serves this path only by ${allowed}.`,
  headers: { allow: allowed },
});

export const notAPath: Refusal = {
  status: 400,
  type: "invalid_request_error",
  message: "The gateway is no proxy: a request names a path, and no other host.",
};

export const bodyTooLarge = (mostBytes: number): Refusal => ({
  status: 413,
  type: "request_too_large",
  message: `The request has more than ${mostBytes / 2 ** 20} MiB.`,
});

export const bodyTooSlow: Refusal = {
  status: 408,
  type: "timeout_error",
  message: "The request did not arrive in time.",
};

/** An agent or group holds or asks too much now. Its CLI tries again after `seconds`. */
export const busyRefusal = (what: string, seconds: number): Refusal => ({
  status: 429,
  type: "rate_limit_error",
  message: `${what} It goes on in ${seconds} s.`,
  headers: { "retry-after": String(seconds), "x-should-retry": "true" },
});

export const notJson: Refusal = {
  status: 400,
  type: "invalid_request_error",
  message: "The request's body is not a JSON object.",
};

export const noModelOfGoogle: Refusal = finalRefusal(
  "not_found_error",
  "The gateway passes on only names of Google's models without a slash, such as gemini-2.5-pro. To change the agent's: ncl groups config update GROUP --model NAME",
);

export const notAModel: Refusal = {
  status: 400,
  type: "invalid_request_error",
  message: "The request's model has no name of a model: at most 128 letters, digits and . : @ / [ ] _ -",
};

export const noSecret = (vendor: VendorName): Refusal =>
  ownersRefusal(
    `no-key/${vendor}`,
    "authentication_error",
    `This host has no key for ${vendor}. The operator adds one: gatehouse secrets set ${vendor}`,
  );

export const noSecretNow = (vendor: VendorName, problem: string): Refusal =>
  ownersRefusal(
    `no-key/${vendor}`,
    "authentication_error",
    `The host cannot read its key for ${vendor}: ${oneLine(problem, 500)} The operator sets it anew: gatehouse secrets set ${vendor}`,
  );

export const keyRefused = (vendor: VendorName): Refusal =>
  ownersRefusal(
    `key-refused/${vendor}`,
    "authentication_error",
    `${vendor} refuses this host's key. The operator sets a valid one: gatehouse secrets set ${vendor}`,
  );

/** The vendor's 404 of a request to a model, with the fix for the level that decided the agent's model. */
export const modelUnknown = (
  vendor: VendorName,
  model: string,
  { modelFrom, groupName }: Pick<Caller, "modelFrom" | "groupName">,
): Refusal => {
  const [type, unknown] = ["not_found_error", `${vendor} does not know the model ${model}.`];
  if (modelFrom === "session")
    return finalRefusal(type, `${unknown} It was set for this chat: /model default takes it back.`);
  const fix =
    modelFrom === "person"
      ? "It is in users.yaml, which the operator corrects. For this chat alone: /model NAME"
      : `The operator sets another one: ncl groups config update ${shellWord(groupName)} --model NAME`;
  return ownersRefusal(`unknown-model/${vendor}`, type, `${unknown} ${fix}`);
};

export const modelRefused = (model: string, allowed: readonly string[]): Refusal =>
  finalRefusal(
    "permission_error",
    `This agent uses the model ${allowed.join(" or ")}, so ${model} is refused. To change it: ncl groups config update --model NAME, or ncl sessions config update --model NAME`,
  );

export const toolRefused = (type: string): Refusal =>
  finalRefusal(
    "permission_error",
    `The tool ${nameText(type)} runs at the vendor for a price that this host does not know, so it is refused.`,
  );

/** A name for a sentence. An agent wrote it, so only one word is repeated. */
export const nameText = (name: unknown): string =>
  typeof name === "string" && /^[\w.$-]{1,64}$/.test(name) ? `"${name}"` : "(not a word)";

/** `what` is a part of the conversation, which each further request would contain. */
export const contentRefused = (what: string): Refusal =>
  finalRefusal(
    "permission_error",
    `The gateway passes on only what is whole within a request, so ${what} is refused. /clear begins a conversation without it.`,
  );

export const tooDeep: Refusal = {
  status: 400,
  type: "invalid_request_error",
  message: "The request's body has too many levels.",
};

export const fieldRefused = (field: string): Refusal =>
  finalRefusal("permission_error", `Requests with ${nameText(field)} are refused by this host's gateway.`);

export const notReached = (vendor: VendorName, code: string): Refusal => ({
  status: 502,
  type: "api_error",
  message: `The host cannot reach ${vendor} (${code}).`,
});

export const proxyRefused = (vendor: VendorName, status: number): Refusal => ({
  status: 502,
  type: "api_error",
  message: `The host cannot reach ${vendor}: the proxy of HTTPS_PROXY refuses the connection (${status}).`,
});

/** Without its text, which may have a password. */
export const badProxy: Refusal = {
  status: 502,
  type: "api_error",
  message:
    "The host cannot reach its models: HTTPS_PROXY has no address of a proxy. Set it as http://HOST:PORT.",
};

export const tooSilent = (vendor: VendorName): Refusal => ({
  status: 504,
  type: "timeout_error",
  message: `${vendor} did not answer in time.`,
});

/** The trouble of a vendor that answers with this status, which a CLI tries again; null for all other statuses. */
export const vendorTrouble = (vendor: VendorName, status: number): string | null => {
  if (status === 429) return `${vendor} takes no more requests now (429)`;
  if (status < 500) return null;
  return `${vendor} ${status === 503 || status === 529 ? "is overloaded" : "has an error"} (${status})`;
};

export const oddAnswer = (vendor: VendorName, what: string): Refusal =>
  finalRefusal("api_error", `${vendor} answered with ${what}, which the gateway does not follow or read.`);

/** The HTTP answer of a refusal. Only trouble on the way to the vendor, and a bound, may be tried again. */
export const refusalAnswer = (
  vendor: VendorName,
  { status, type, message, headers = {} }: Refusal,
): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} => ({
  status,
  headers: {
    "content-type": "application/json",
    ...(status >= 500 ? {} : { "x-should-retry": "false" }),
    ...headers,
  },
  body: JSON.stringify(vendors[vendor].errorBody({ status, type, message })),
});
