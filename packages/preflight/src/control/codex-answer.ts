/** The answer of `codex app-server` to one request. */
export type CodexAnswer =
  | {
      readonly status: "ok";
      /** The version of the user's config.toml, in the answer to `config/read`. */
      readonly version: string | null;
    }
  /** Codex does not know the request. */
  | { readonly status: "unsupported" }
  /** config.toml was changed since its version was read. Nothing was written. */
  | { readonly status: "conflict" }
  | { readonly status: "refused"; readonly detail: string };

/**
 * Reads one message of Codex: null if it answers no request. Two shapes (0.169.0):
 * `{"id":"1","result":{"status":"ok","version":"sha256:...","filePath":"..."}}`
 * `{"id":"1","error":{"code":-32600,"message":"Invalid request: unknown variant ...","data":{}}}`
 */
export const readCodexAnswer = (
  message: unknown,
): { readonly requestId: string; readonly answer: CodexAnswer } | null => {
  const { id, method, result, error } = fields(message);
  if (typeof id !== "string" || method !== undefined) return null;
  if (error !== undefined) return { requestId: id, answer: errorAnswer(fields(error)) };
  if (result === undefined) return null;
  return { requestId: id, answer: { status: "ok", version: userVersion(fields(result)["layers"]) } };
};

const errorAnswer = ({ message, data }: Fields): CodexAnswer => {
  if (fields(data)["config_write_error_code"] === "configVersionConflict") return { status: "conflict" };
  const detail = typeof message === "string" ? message.slice(0, 200) : "an error without a text";
  return detail.startsWith("Invalid request: unknown variant")
    ? { status: "unsupported" }
    : { status: "refused", detail };
};

/** The layers: `[{"name":{"type":"user","file":"..."},"version":"sha256:...","config":{}}]`. */
const userVersion = (layers: unknown): string | null => {
  if (!Array.isArray(layers)) return null;
  const user = layers.map(fields).find(({ name }) => fields(name)["type"] === "user");
  const version = user?.["version"];
  return typeof version === "string" ? version : null;
};

type Fields = { readonly [name: string]: unknown };

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
