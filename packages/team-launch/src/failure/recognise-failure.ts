import { agentClis, providers, type Provider } from "@trust/preflight";
import { trustTexts } from "./trust-texts.ts";

/** Evidence of a failed launch: the last events of its runtime (newest last), and its output or screen text. */
export type FailureEvidence = {
  /** Parsed from JSON, of any shape. */
  readonly events?: readonly unknown[];
  readonly text?: string;
};

/** A launch that failed because trust was missing. Team runtimes rely on the spelling of the code. */
export type TrustFailure = {
  readonly code: "workspace_trust_required";
  readonly title: "Workspace trust required";
  readonly recognisedBy: "event" | "text";
  /** Null if the evidence does not name it. */
  readonly provider: Provider | null;
  readonly workspace: string | null;
  /** The members that the evidence names, without duplicates. */
  readonly members: readonly string[];
  /** The exact words of the provider or the runtime. */
  readonly error: string;
  readonly fix: string;
};

/**
 * Recognises a launch that failed because workspace trust was missing: by its event, or else by the texts that runtimes
 * are known to write. Null for every other failure, and for a text that only mentions trust.
 */
export const recogniseFailure = ({ events = [], text = "" }: FailureEvidence): TrustFailure | null =>
  events.map(fromEvent).findLast((found) => found !== null) ?? fromText(text);

const code = "workspace_trust_required";

/** The heading of a failure with this code; undefined for every other failure. */
export const titleOf = (failed: string | undefined): TrustFailure["title"] | undefined =>
  failed === code ? title : undefined;

const title = "Workspace trust required";

/** The adapter sends the code in `event` and the folder in `folder`; the seed's contract has the code in `code`. */
const fromEvent = (event: unknown): TrustFailure | null => {
  if (typeof event !== "object" || event === null) return null;
  const fields = event as Readonly<Record<string, unknown>>;
  if (fields["event"] !== code && fields["code"] !== code) return null;
  const provider = providers.find((name) => name === fields["provider"]) ?? null;
  const workspace = textOf(fields["folder"]) ?? textOf(fields["workspace"]);
  const member = textOf(fields["member"]);
  return {
    code,
    title,
    recognisedBy: "event",
    provider,
    workspace,
    members: member === null ? [] : [member],
    error: textOf(fields["message"]) ?? code,
    fix: fixOf(provider, workspace),
  };
};

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

const fromText = (text: string): TrustFailure | null => {
  for (const { pattern, provider } of trustTexts) {
    const [first, ...others] = [...text.matchAll(pattern)];
    if (first === undefined) continue;
    const workspace = first.groups?.["workspace"] ?? null;
    const members = [first, ...others].flatMap(({ groups }) => groups?.["member"] ?? []);
    return {
      code,
      title,
      recognisedBy: "text",
      provider,
      workspace,
      members: [...new Set(members)],
      error: text,
      fix: fixOf(provider, workspace),
    };
  }
  return null;
};

const fixOf = (provider: Provider | null, workspace: string | null): string => {
  const place = workspace === null ? "its folder" : workspace;
  const agent = provider === null ? "the agent" : agentClis[provider].title;
  return `Trust ${place}: prepare it with a preflight, or start ${agent} there once and accept. Then launch the team again.`;
};
