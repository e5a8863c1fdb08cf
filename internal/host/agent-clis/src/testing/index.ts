import type { OwnProvider } from "../own-providers.ts";

/** A row of an operator's own provider, with these fields. */
export const ownProvider = (fields: Partial<OwnProvider> = {}): OwnProvider => ({
  v: 1,
  name: "kimi",
  agent: "Kimi Code CLI 2.1.0",
  api: "anthropic",
  paths: ["/v1/messages"],
  command: ["kimi", "acp"],
  env: { KIMI_MODEL_BASE_URL: "{url}", KIMI_MODEL_API_KEY: "{key}" },
  mode: null,
  inputIn: "text",
  denialEnds: false,
  takesServers: true,
  errorPrefix: null,
  ...fields,
});
