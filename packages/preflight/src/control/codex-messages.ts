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
