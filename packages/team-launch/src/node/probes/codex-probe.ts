import { askLines, type Line } from "./ask-lines.ts";
import { notSignedIn, type AskedCli, type CliProbe } from "./cli-probe.ts";
import { valueOf } from "./value-of.ts";

/**
 * Asks `codex app-server`, without a request to its API. In 0.169.0 (0.2 s) `config/read` returns the model from
 * config.toml and `-c`, `model/list` the default if they name none, and `account/read` whether Codex has an account and
 * needs one (an `OPENAI_API_KEY` alone does not count). The app-server refuses a profile, so a profile's model is unknown.
 */
export const codexProbe: CliProbe = {
  defaultModel: async (cli, args) => {
    const named = valueOf(args, ["--model", "-m"]);
    if (named !== null) return named;
    if (args.includes("--oss") || valueOf(args, ["--profile", "-p"]) !== null) return null;
    const answers = await askServer(cli, args, ["config/read", "model/list"]);
    const { model, model_provider: provider } = Object(Object(answers?.["config/read"])["config"]) as Line;
    if (typeof model === "string") return model;
    // The list contains only OpenAI's own models.
    if (answers === null || (typeof provider === "string" && provider !== "openai")) return null;
    const { data } = Object(answers["model/list"]) as Line;
    const listed = (Array.isArray(data) ? data : []).map((one): Line => Object(one) as Line);
    const chosen = listed.find(({ isDefault }) => isDefault === true)?.["model"];
    return typeof chosen === "string" ? chosen : null;
  },
  checkProvider: async (cli, args) => {
    const answers = await askServer(cli, args, ["account/read"]);
    const { account, requiresOpenaiAuth } = Object(answers?.["account/read"]) as Line;
    return account === null && requiresOpenaiAuth === true ? notSignedIn("Codex", "run codex login") : null;
  },
};

/** The flags of an argv that `app-server` accepts too: those that set configuration values. */
const configFlags = (args: readonly string[]): readonly string[] => {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  return own.flatMap((arg, at) => {
    if (["-c", "--config", "--enable", "--disable"].includes(arg)) return own.slice(at, at + 2);
    return /^--(?:config|enable|disable)=/.test(arg) ? [arg] : [];
  });
};

/** The results of some methods by name; null unless all of them are answered. */
const askServer = (
  { file, env, timeoutMs }: AskedCli,
  args: readonly string[],
  methods: readonly string[],
): Promise<Line | null> => {
  const hello = { id: 0, method: "initialize", params: { clientInfo: { name: "gatehouse", version: "0" } } };
  const asked = methods.map((method, at) => ({ id: at + 1, method, params: {} }));
  const lines = [hello, { method: "initialized" }, ...asked];
  const results = new Map<string, unknown>();
  return askLines({ file, args: ["app-server", ...configFlags(args)], env, lines, timeoutMs }, (line) => {
    const method = methods[Number(line["id"]) - 1];
    if (method !== undefined) results.set(method, line["result"]);
    return results.size === methods.length ? (Object.fromEntries(results) as Line) : undefined;
  });
};
