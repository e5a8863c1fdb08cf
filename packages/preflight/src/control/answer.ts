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
export type AddressedAnswer = { readonly requestId: string; readonly answer: FolderAnswer };

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
