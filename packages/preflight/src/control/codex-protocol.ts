/** One request to `codex app-server`: JSON-RPC without its version field. A notification has no id. */
export type CodexRequest = {
  readonly id?: string;
  readonly method: "initialize" | "initialized" | "config/read" | "config/batchWrite";
  readonly params?: { readonly [name: string]: unknown };
};

export const initialize = (id: string): CodexRequest => ({
  id,
  method: "initialize",
  params: { clientInfo: { name: "gatehouse", title: null, version: "0.0.0" } },
});

export const initialized: CodexRequest = { method: "initialized" };

/**
 * Asks whether Codex knows the request that writes, without anything to write. A Codex that knows it complains about
 * the missing edits (0.101.0 to 0.169.0).
 */
export const askWrite = (id: string): CodexRequest => ({ id, method: "config/batchWrite", params: {} });

/** Asks for the version of the user's config.toml. */
export const readConfig = (id: string): CodexRequest => ({
  id,
  method: "config/read",
  params: { includeLayers: true },
});

/**
 * Adds one folder's entry and keeps all others. Codex writes nothing if config.toml no longer has the version
 * (0.169.0).
 */
export const trustFolder = (id: string, folder: string, expectedVersion: string): CodexRequest => ({
  id,
  method: "config/batchWrite",
  params: {
    edits: [
      { keyPath: "projects", value: { [folder]: { trust_level: "trusted" } }, mergeStrategy: "upsert" },
    ],
    expectedVersion,
  },
});

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
