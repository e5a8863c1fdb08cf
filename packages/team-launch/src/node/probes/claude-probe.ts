import { execFile } from "node:child_process";
import { parseJson } from "@gatehouse/std";
import { settingsPlaces, splitSettings, type Json } from "../../arguments/settings-in-argv.ts";
import { askLines, type Line } from "./ask-lines.ts";
import { valueOf } from "./value-of.ts";
import { notSignedIn, type CliProbe } from "./cli-probe.ts";

/**
 * Asks Claude Code itself, without a request to its API. In 2.1.328 `get_settings` of its control protocol returns the
 * model in effect (0.3 s; with a key that it cannot check without a network it returns nothing), and `auth status` says
 * whether it is signed in.
 */
export const claudeProbe: CliProbe = {
  defaultModel: async ({ file, env, timeoutMs }, args) => {
    const named = valueOf(args, ["--model"]);
    if (named !== null) return named;
    const settings = settingsOf(args);
    if (settings === null) return null;
    // For this question no user hook runs, no server starts and no session is saved.
    const quiet = ["--strict-mcp-config", "--no-session-persistence"];
    const given = ["--settings", JSON.stringify({ ...settings, disableAllHooks: true })];
    const wire = ["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"];
    const request = { type: "control_request", request_id: "1", request: { subtype: "get_settings" } };
    const asked = { file, args: [...quiet, ...given, ...wire], env, lines: [request], timeoutMs };
    return askLines(asked, modelInEffect);
  },
  checkProvider: async ({ file, env, timeoutMs }, args) => {
    const settings = settingsOf(args);
    // `auth status` accepts no settings, but a key may be in them.
    if (settings === null || "apiKeyHelper" in settings || "env" in settings) return null;
    const said = await printed(file, ["auth", "status", "--json"], { env, timeoutMs });
    const isSignedOut = Object(parseJson(said))["loggedIn"] === false;
    return isSignedOut
      ? notSignedIn("Claude Code", "start claude once and sign in, or set ANTHROPIC_API_KEY")
      : null;
  },
};

/** The settings that Claude Code uses from an argv: the last ones; null if they are in a file. */
const settingsOf = (args: readonly string[]): Json | null =>
  settingsPlaces(args).length === 0 ? {} : splitSettings(args).settings;

const modelInEffect = ({ type, response }: Line): string | null | undefined => {
  if (type !== "control_response") return undefined;
  const model: unknown = Object(Object(Object(response)["response"])["applied"])["model"];
  return typeof model === "string" ? model : null;
};

type Setting = { readonly env: Parameters<CliProbe["defaultModel"]>[0]["env"]; readonly timeoutMs: number };

/** The output of a program with any exit code; "" if it cannot be started or takes too long. */
const printed = (file: string, args: readonly string[], { env, timeoutMs }: Setting): Promise<string> =>
  new Promise((resolve) => {
    const options = { cwd: "/", env: { ...env, DISABLE_AUTOUPDATER: "1" }, timeout: timeoutMs };
    const child = execFile(file, args, options, (_error, stdout) => resolve(stdout));
    child.stdin?.end();
  });
