import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { installNewest } from "@gatehouse/provider-facts";
import { cliEnvironment } from "../cli-program.ts";
import { commandTimeMs } from "../cli-tools.ts";
import { clearFolder, writeAnew, writeCliFolder } from "../files.ts";
import type { Gateway, ProviderPlace, ServerState } from "../provider.ts";
import { serverName, toolNames } from "../host-tools/tool-names.ts";
import type { AcpAgent } from "./acp.ts";
import { readPaths, refusalIn } from "./opencode-folder.ts";

/** The vendor of the models, as OpenCode and the gateway name it. */
const vendor = "anthropic";

/** A line of OpenCode's log, which may quote addresses and values (1.18.33). */
const isLog = (line: string): boolean => /^timestamp=\S+ level=/.test(line);

/** `timestamp=... level=WARN run=2c51a86e message="server unavailable" key=weather type=local status=failed` */
const unavailable = /^timestamp=\S+ level=WARN .*message="server unavailable" key=(\S+) .*status=(\w+)$/;

/** OpenCode does not log why a server failed, unless it asks for a sign-in (1.18.33). */
const failedServer = (line: string): ServerState | null => {
  const [, name, status = ""] = unavailable.exec(line) ?? [];
  if (name === undefined) return null;
  return { name, failure: status.startsWith("needs_") ? "sign-in" : "unknown" };
};

/** OpenCode by `opencode acp`. Seen with 1.18.33. */
export const opencode: AcpAgent = {
  name: "opencode",
  refusal: ({ cwd }) => refusalIn(cwd),
  prepare: async (place) => {
    const folder = await writeFiles(place);
    return {
      // `--pure`: one of OpenCode's two loaders of plugins loads none.
      command: ["opencode", "acp", "--pure", "--print-logs", "--log-level", "WARN"],
      cwd: place.cwd,
      env: environment(place.env, folder),
      install: installNewest("opencode"),
      isLog,
    };
  },
  takesServers: true,
  failedServer,
  mode: null,
  options: {},
  inputIn: "report",
  nameOfKind: {},
  // By its setting `continue_loop_on_deny`.
  denialEnds: false,
  errorPrefix: null,
  notice: null,
  turnError: null,
  toolTimeMs: (tool, input) => (tool === "bash" ? commandTimeMs(input) : null),
  readPaths,
};

/** The folders that OpenCode has instead of the account's. */
const foldersIn = (folder: string) => ({
  config: join(folder, "config"),
  /** The conversations. The only one that outlives a process. */
  data: join(folder, "data"),
  state: join(folder, "state"),
  cache: join(folder, "cache"),
  /** Instead of HOME, as far as OpenCode's own files there are concerned. */
  home: join(folder, "home"),
});

/** Writes the files that OpenCode reads at its start. Returns its own folder. */
const writeFiles = async (place: ProviderPlace): Promise<string> => {
  const own = join(place.folder, "out", "opencode");
  const folders = foldersIn(own);
  const path = join(folders.config, "opencode");
  await clearFolder(own, /^data$/);
  await writeCliFolder(place, {
    path,
    kept: /^$/,
    instructions: "AGENTS.md",
    files: {
      "opencode.json": JSON.stringify(configuration(place.json.model, place.gateway)),
      // Otherwise OpenCode fetches this package into the folder, which nothing here uses (1.18.33).
      "package-lock.json": JSON.stringify({ packages: { "": { dependencies: plugin } } }),
    },
  });
  const plugins = join(path, "plugins");
  for (const folder of [join(path, "node_modules"), folders.home, plugins])
    await mkdir(folder, { mode: 0o700 });
  for (const [name, text] of Object.entries(firstPlugins)) await writeAnew(join(plugins, name), text);
  return own;
};

/**
 * OpenCode's second loader of plugins begins with the first prompt, knows neither `--pure` nor
 * OPENCODE_DISABLE_PROJECT_CONFIG, and takes plugins of the working folder and of each one above (1.18.33). It loads
 * one after the other, and those of this folder first. So the first plugin never ends its load. Should a version go on
 * to the next one, that one ends OpenCode.
 */
const firstPlugins = {
  "1-wait.js": "await new Promise(() => {});\n",
  "2-end.js":
    'process.stderr.write("This version of OpenCode would run the plugins of the working folder. Install 1.18.33.");\nprocess.exit(70);\n',
};

const plugin = { "@opencode-ai/plugin": "*" };

/** OpenCode's settings. `{file:PATH}` is the text of a file, so the token is in no environment. */
const configuration = (model: string | null, gateway: Gateway | null): object => ({
  autoupdate: false,
  share: "disabled",
  enabled_providers: [vendor],
  ...(model === null ? {} : { model: `${vendor}/${model}` }),
  provider: {
    [vendor]: {
      // A model that this version of OpenCode does not know yet has to be named here.
      ...(model === null ? {} : { models: { [model]: {} } }),
      ...(gateway === null
        ? {}
        : { options: { baseURL: `${gateway.url}/v1`, apiKey: `{file:${gateway.tokenFile}}` } }),
    },
  },
  // They would start programs of the working folder.
  lsp: false,
  formatter: false,
  // A title costs a request to another model, and is shown nowhere.
  agent: { title: { disable: true } },
  // Otherwise a denied tool ends the turn without a word.
  experimental: { continue_loop_on_deny: true },
  permission,
});

/**
 * The last rule that matches counts. The runner allows reading in the working folder itself: OpenCode would follow links
 * out of it. A subagent's requests would come from a session that the runner does not know.
 */
const permission = {
  "*": "ask",
  skill: "allow",
  todowrite: "allow",
  // OpenCode puts the server's name before a tool's (1.18.33).
  ...Object.fromEntries(Object.values(toolNames).map((name) => [`${serverName}_${name}`, "allow"])),
  task: "deny",
  question: "deny",
};

/** The environment of OpenCode, and of the commands that it runs. */
const environment = (
  env: ProviderPlace["env"],
  folder: string,
): Readonly<Record<string, string | undefined>> => {
  const { config, data, state, cache, home } = foldersIn(folder);
  return {
    ...cliEnvironment(env),
    XDG_CONFIG_HOME: config,
    XDG_DATA_HOME: data,
    XDG_STATE_HOME: state,
    XDG_CACHE_HOME: cache,
    // Otherwise the settings in ~/.opencode count, and an agent could have allowed itself tools there.
    OPENCODE_TEST_HOME: home,
    // The same for a project's files in the working folder.
    OPENCODE_DISABLE_PROJECT_CONFIG: "1",
    OPENCODE_DISABLE_CLAUDE_CODE: "1",
    // The same for the skills in its .agents; those of the group come by the settings.
    OPENCODE_DISABLE_EXTERNAL_SKILLS: "1",
    // `opencode acp` also listens on a port of the loopback, where other accounts could answer for people.
    OPENCODE_SERVER_PASSWORD: randomBytes(32).toString("hex"),
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    OPENCODE_DISABLE_MODELS_FETCH: "1",
    OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
  };
};
