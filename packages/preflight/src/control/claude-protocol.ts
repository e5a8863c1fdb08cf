/** The arguments that make Claude Code speak its control protocol on stdin and stdout. The protected command's follow. */
export const controlArgs: readonly string[] = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  // Without it 2.1.212 - 2.1.231 leave a folder in ~/.claude/projects for every workspace, and a transcript in the last
  // one.
  "--no-session-persistence",
];

/** The CLI only answers questions about folders. Without this variable it leaves a file of unsent telemetry behind. */
export const quietVariables: { readonly [name: string]: string } = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};

/** One request of the control protocol that Claude Code speaks with `--input-format stream-json`. */
export type ControlRequest = {
  readonly type: "control_request";
  readonly request_id: string;
  readonly request: {
    readonly subtype: "set_cwd";
    readonly path: string;
    readonly trust_accepted?: true;
    readonly trusted_directory?: string;
  };
};

/** Asks how the CLI would treat a folder. It records nothing (measured from 2.1.200 to 2.1.329). */
export const askFolder = (id: string, path: string): ControlRequest => ({
  type: "control_request",
  request_id: id,
  request: { subtype: "set_cwd", path },
});

/** Accepts trust for a folder. `directory` pins the folder that the CLI named; the CLI refuses any other. */
export const acceptFolder = (id: string, path: string, directory: string): ControlRequest => ({
  type: "control_request",
  request_id: id,
  request: { subtype: "set_cwd", path, trust_accepted: true, trusted_directory: directory },
});

/** The CLI's answer about one folder. */
export type FolderAnswer =
  | {
      readonly status: "needs-trust";
      /** The real folder. */
      readonly directory: string;
      /** The key that the CLI would record, if it is not the folder. */
      readonly trustRoot: string | null;
    }
  | { readonly status: "ok" }
  /** The CLI is still busy with an earlier request (2.1.222 - 2.1.275): ask again. */
  | { readonly status: "busy" }
  /** The CLI does not know the request: it has no such protocol. */
  | { readonly status: "unsupported" }
  | { readonly status: "refused"; readonly detail: string };

/** An answer and the id of its request. */
type AddressedAnswer = { readonly requestId: string; readonly answer: FolderAnswer };

/**
 * Reads one message of the CLI. Null if the message answers no request. Two shapes:
 * `{"type":"control_response","response":{"subtype":"success","request_id":"1","response":{"status":"needs_trust",...}}}`
 * `{"type":"control_response","response":{"subtype":"error","request_id":"1","error":"Unsupported control
 * request ..."}}`
 */
export const readAnswer = (message: unknown): AddressedAnswer | null => {
  const outer = fields(message);
  if (outer["type"] !== "control_response") return null;
  const response = fields(outer["response"]);
  const requestId = response["request_id"];
  if (typeof requestId !== "string") return null;
  const answer =
    response["subtype"] === "success" ? folderAnswer(fields(response["response"])) : errorAnswer(response);
  return { requestId, answer };
};

const folderAnswer = (answer: Fields): FolderAnswer => {
  const { status, directory, trust_root: root, reason, message } = answer;
  if (status === "ok") return { status };
  if (status === "needs_trust" && typeof directory === "string" && isRoot(root))
    return { status: "needs-trust", directory, trustRoot: root ?? null };
  if (status === "rejected" && reason === "busy") return { status: "busy" };
  return {
    status: "refused",
    detail: text(message) ?? text(reason) ?? `status ${text(status) ?? "missing"}`,
  };
};

const errorAnswer = ({ error, error_code: code }: Fields): FolderAnswer => {
  const detail = text(error) ?? "an error without a text";
  const isUnsupported = code === "unsupported_request" || detail.startsWith("Unsupported control request");
  return isUnsupported ? { status: "unsupported" } : { status: "refused", detail };
};

const isRoot = (root: unknown): root is string | null | undefined =>
  root === undefined || root === null || typeof root === "string";

const text = (value: unknown): string | null => (typeof value === "string" ? value.slice(0, 200) : null);

type Fields = { readonly [name: string]: unknown };

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

/** The planned folder: its real path, and the key under which trust should be recorded. */
export type PlannedTrust = { readonly real: string; readonly trustKey: string };

export type FolderDecision =
  | { readonly type: "accept"; readonly directory: string }
  | { readonly type: "ask-again" }
  /** Accepts nothing; `why` is a sentence. */
  | { readonly type: "refuse"; readonly why: string };

/**
 * The decision for the CLI's answer. Accepts trust only if the CLI names the real folder and would record the
 * planned key. The pinned directory protects the folder, but only this comparison protects the key.
 */
export const decideFolder = (answer: FolderAnswer, { real, trustKey }: PlannedTrust): FolderDecision => {
  switch (answer.status) {
    case "needs-trust": {
      const { directory, trustRoot } = answer;
      const key = trustRoot ?? directory;
      if (directory !== real)
        return { type: "refuse", why: `It names the folder ${directory}, not ${real}.` };
      if (key !== trustKey)
        return { type: "refuse", why: `It would record ${key}, and ${trustKey} was planned.` };
      return { type: "accept", directory };
    }
    case "busy":
      return { type: "ask-again" };
    case "ok":
      return { type: "refuse", why: "It says that the folder is trusted, and its state does not say so." };
    case "unsupported":
      return { type: "refuse", why: "It does not know the question." };
    case "refused":
      return { type: "refuse", why: `It refuses the folder: ${answer.detail}` };
  }
};
