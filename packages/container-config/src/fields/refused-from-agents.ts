import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import type { McpServer } from "../container-config.ts";
import { isSecretName } from "../secrets/secret-words.ts";
import type { Result } from "@gatehouse/std";

/**
 * Refuses the parts of an agent's MCP server by which other code runs than the card names, or by which it leads
 * elsewhere. A person who approves the server sees everything that the agent typed, but cannot be expected to know what
 * `NODE_OPTIONS` or a header `Host` does. Allowed are parts that tell a person what happens: the program, its file, its
 * package and its address, and variables that only the server itself reads.
 */
export const refusedFromAgents = (name: string, server: McpServer): Result<McpServer, InvalidConfig> => {
  const problems = problemsIn(server).map(({ path, problem }): ConfigProblem => ({
    path: `mcp_servers.${name}.${path}`,
    problem: `${problem}; only the operator may set it`,
  }));
  if (problems.length === 0) return { ok: true, value: server };
  return { ok: false, error: { code: "invalid-config", problems } };
};

const problemsIn = (server: McpServer): readonly ConfigProblem[] => {
  if ("url" in server) {
    const { headers = {}, secretHeaders = {} } = server;
    return [
      ...namesIn("headers", headers, [...headerRows, signIn]),
      ...namesIn("secretHeaders", secretHeaders, headerRows),
    ];
  }
  const { command, args = [], env = {}, secretEnv = {} } = server;
  return [
    ...namesIn("env", env, variables),
    ...namesIn("secretEnv", secretEnv, variables),
    ...wordsIn([command, ...args]),
  ];
};

/** Names of one kind, in any case, and why they are refused; `why` continues "NAME". */
type Row = { readonly names: RegExp | ((name: string) => boolean); readonly why: string };

const namesIn = (
  part: string,
  values: Readonly<Record<string, unknown>>,
  rows: readonly Row[],
): readonly ConfigProblem[] =>
  Object.keys(values).flatMap((name) => {
    const row = rowOf(rows, name);
    return row === undefined ? [] : [{ path: `${part}.${name}`, problem: row.why }];
  });

const rowOf = (rows: readonly Row[], name: string): Row | undefined =>
  rows.find(({ names }) => (typeof names === "function" ? names(name) : names.test(name)));

/** The case does not count: npm reads `NPM_Config_x`, and curl reads `http_proxy`. To refuse a variable, add it here. */
const variables: readonly Row[] = [
  {
    names: /^(?:LD|DYLD|GCONV|GLIBC|MALLOC)_|^(?:LIBPATH|SHLIB_PATH|LOCPATH|NLSPATH)$/i,
    why: "makes the system's loader load code or data",
  },
  {
    names:
      /^(?:(?:CD|F)?PATH|PATHEXT|SHELL|COMSPEC|IFS|ENV|PS[0-4]|ZDOTDIR|PROMPT_COMMAND|SHELLOPTS|INPUTRC)$|^(?:BASH|KSH_)/i,
    why: "decides which program a shell starts, or which file it runs",
  },
  {
    names: /^(?!NODE_ENV$)NODE_|^(?:NPM|PNPM|YARN|COREPACK|BUN|DENO|TSX|TS_NODE|ELECTRON|NVM|VOLTA)_/i,
    why: "makes Node.js load code, or its package manager fetch it elsewhere",
  },
  {
    names:
      /^(?!PYTHON(?:UNBUFFERED|UTF8|IOENCODING)$)PYTHON|^(?:PIP|PIPX|UV|POETRY|PDM|CONDA)_|^(?:VIRTUAL_ENV|IPYTHONDIR|__PYVENV_LAUNCHER__)$/i,
    why: "makes Python load code, or its package manager fetch it elsewhere",
  },
  {
    names: /^(?:PERL|RUBY|GEM_|BUNDLE_|LUA_|PHPRC$|PHP_INI|R_|JULIA_|ERL_|ELIXIR_|MIX_|HEX_|TCL|GUILE_)/i,
    why: "makes an interpreter load code, or fetch it elsewhere",
  },
  {
    names: /^(?:_JAVA|JAVA|JDK|JRE|JVM|MAVEN|GRADLE|DOTNET|CORECLR|COMPLUS|COR|MONO|NUGET)_|^CLASSPATH$/i,
    why: "makes Java or .NET load code, or fetch it elsewhere",
  },
  {
    names:
      /^GO(?:PROXY|FLAGS|PATH|ROOT|BIN|ENV|TOOLCHAIN|(?:NO)?SUMDB|NOPROXY|PRIVATE|INSECURE|VCS|AUTH|WORK|DEBUG)$|^(?:CARGO|RUST[A-Z]*|CMAKE|PKG_CONFIG)_|^(?:CC|CXX|MAKEFLAGS|MFLAGS|GNUMAKEFLAGS|MAKEFILES)$/i,
    why: "makes a compiler run code, or fetch it elsewhere",
  },
  {
    names: /^(?:GIT|SSH|HG|SVN|CVS|RSYNC|SUDO|GNUPG)_|^(?:HGRCPATH|GNUPGHOME|HGPLAIN)$|ASKPASS$/i,
    why: "makes Git or SSH run a command, or read other settings",
  },
  {
    names:
      /(?:^|_)(?:EDITOR|VISUAL|PAGER|BROWSER)$|^(?:MANPAGER|LESS|LESSOPEN|LESSCLOSE|VIMINIT|EXINIT|TERMINFO(?:_DIRS)?|TERMCAP)$/i,
    why: "names a program or a file that another program runs",
  },
  {
    names: /(?:^|_)PROXY$|^(?:HOSTALIASES|LOCALDOMAIN|RES_OPTIONS)$|^(?:SOCKS|PROXYCHAINS|TSOCKS)_/i,
    why: "sends connections elsewhere",
  },
  {
    names:
      /^(?:SSL|OPENSSL|CURL|KRB5)_|^(?:SSLKEYLOGFILE|WGETRC|NETRC)$|_CA_?(?:BUNDLE|CERTS?|FILE|PATH)$|_REJECT_UNAUTHORIZED$/i,
    why: "changes whom connections trust",
  },
  {
    names: /^(?:HOME|USERPROFILE|(?:LOCAL)?APPDATA|TMPDIR|TEMP|TMP|USER|LOGNAME|PWD)$|^XDG_/i,
    why: "makes programs read their settings elsewhere",
  },
  {
    names:
      /^(?:DOCKER|CONTAINERS?|PODMAN|BUILDKIT|KUBERNETES|HELM|DBUS|SYSTEMD)_|^(?:KUBECONFIG|NOTIFY_SOCKET|LISTEN_FDS)$/i,
    why: "leads to another engine, cluster or service",
  },
  {
    names:
      /^AWS_(?:CONFIG_FILE|SHARED_CREDENTIALS_FILE|ENDPOINT_URL.*|CONTAINER_.*)$|^(?:GOOGLE_APPLICATION_CREDENTIALS|AZURE_CONFIG_DIR)$|^CLOUDSDK_/i,
    why: "makes a cloud's client run a command, or lead elsewhere",
  },
  {
    names: /^(?:GATEHOUSE|NANOCLAW|ANTHROPIC|CLAUDE|CODEX|OPENAI|OPENCODE|GEMINI|QWEN|KIMI|COPILOT)_/i,
    why: "steers Gatehouse, the agent's CLI or its way to the model",
  },
  {
    names:
      /_EXECUTABLE(?:_PATH)?$|^(?:CHROME|CHROMIUM|FIREFOX|FFMPEG)_(?:PATH|BIN)$|^(?:PUPPETEER|PLAYWRIGHT|QT|GTK|GIO|GST)_/i,
    why: "makes a program start or load another file",
  },
];

/** The case does not count. To refuse a header, add it here. */
const headerRows: readonly Row[] = [
  {
    names:
      /^(?:host|forwarded|via|x-(?:original|rewrite)-.*|x-(?:forwarded|http-host|host|real-ip|client-ip|cluster-client-ip|envoy|backend|upstream|accel|remote|auth-request|authenticated|webauth|user)(?:-.*)?|true-client-ip|cf-.*|remote-.*)$/i,
    why: "leads a request to another host behind the address, or speaks for another client",
  },
  {
    names:
      /^(?:connection|proxy-.*|keep-alive|te|trailer|transfer-encoding|content-length|upgrade|expect|x-http-method.*|x-method-override|origin|referer|sec-.*|access-control-.*|mcp-.*)$/i,
    why: "changes the connection or the meaning of a request",
  },
];

/** An agent names a stored secret instead: the card and the history show what it typed. */
const signIn: Row = {
  names: (name) => isSecretName(name) || /^(?:cookie2?|.*-auth|x-amz-.*|dpop)$/i.test(name),
  why: "signs in, and its value would be shown: name a secret in secret headers instead",
};

/** Options of any program, with or without a value after `=`. To refuse one, add it here. */
const options: readonly Row[] = [
  {
    names:
      /^--(?:eval|print|require|import|loader|experimental-loader|preload|node-options|import-map|env-file(?:-if-exists)?|init-file|rcfile|split-string|script-shell|call)$/i,
    why: "makes a program run a text, or load code besides its file",
  },
  {
    names:
      /^--(?:(?:.*:)?registry|(?:default-|extra-)?index(?:-url)?|find-links|(?:user|global|npmrc)-?config|(?:https?-|all-)?proxy(?:-server)?|trusted-host|allow-insecure-host|strict-ssl|cafile|host-resolver-rules)$/i,
    why: "fetches code elsewhere, or sends connections elsewhere",
  },
];

/** A program, by the last part of its path without a version, and its short options that run a text. */
type Interpreter = {
  readonly programs: RegExp;
  readonly options: RegExp;
  /** Options without a value: the word after one is the file or the package. */
  readonly plain: RegExp;
  /** A file or package that is refused. */
  readonly from?: RegExp;
};

const runsText = "makes a program run a text, or load code besides its file";

/** To add a program that runs a text, add a row. */
const interpreters: readonly Interpreter[] = [
  { programs: /^(?:[a-z]{0,3}sh|busybox)$/, options: /^[-+][a-z]*c/i, plain: /^-(?!.*o$)[a-z]*$/i },
  {
    programs: /^(?:node|nodejs|tsx|ts-node|bun|deno|electron)$/,
    options: /^-[a-z]*[epr]/i,
    plain: /^--(?:no|enable|trace|experimental|harmony|expose|allow|use)-|^-i?A?$/,
  },
  {
    programs: /^(?:npx|pnpx|bunx|npm|pnpm|yarn|uvx|uv|pipx)$/,
    options: /^-[cif]$/,
    plain: /^(?:-[yqs]|--yes|--quiet|--silent|--no-install|--offline|--prefer-offline|--isolated)$/,
    // `https:`, `git+ssh:`, `file:`, `github:a/b`, `x@npm:y`, `a/b` and `./x` are no packages of a registry.
    from: /:|^[^@][^/]*\/|^@[^/]*\/.*\/|^\./,
  },
  {
    programs: /^(?:python|pythonw|pypy|ipython)$/,
    options: /^-[bBdEhiIOPqsSuvx]*[ci]/,
    plain: /^-[bBdEhIOPqsSuvx]*m?$/,
  },
  {
    programs: /^(?:perl|ruby|php|lua|luajit|r|rscript|julia|elixir)$/,
    options: /^-[a-z\d]*[eimr]/i,
    plain: /^-[wWsvnT]+$/,
  },
  { programs: /^(?:cmd|powershell|pwsh)$/, options: /^[-/](?:c|k|e)/i, plain: /^-No/i },
  { programs: /^env$/, options: /^-[a-z0]*S/i, plain: /^-[i0]$/ },
];

/** Programs that start others, by a text or with other rights. */
const launchers =
  /^(?:[gmn]?awk|sed|expect|socat|xargs|parallel|find|make|ssh|script|su|sudo|doas|pkexec|nsenter|unshare|chroot|gdb|ld-linux.*|ld-musl.*)$/;

/** The problems of a program and its arguments; every word may be a program that another one starts. */
const wordsIn = (words: readonly string[]): readonly ConfigProblem[] =>
  words.flatMap((word, at) => {
    const problem = wordProblem(words, at);
    const path = at === 0 ? "command" : `args.${at - 1}`;
    return problem === null ? [] : [{ path, problem: `${JSON.stringify(word)} ${problem}` }];
  });

const wordProblem = (words: readonly string[], at: number): string | null => {
  const word = words[at] ?? "";
  const option = rowOf(options, /^[^=]*/.exec(word)?.[0] ?? "");
  if (option !== undefined) return option.why;
  // `NODE_OPTIONS=x`, `--env=NODE_OPTIONS=x`: a variable of a program that this one starts.
  for (const [, name = ""] of word.matchAll(
    /(?:^|[=\s])([A-Z_][A-Z\d_]*|(?:npm_config|[a-z]+_proxy)\w*)=/g,
  )) {
    const row = rowOf(variables, name);
    if (row !== undefined) return `sets ${name}, which ${row.why}`;
  }
  if (at === 0 && launchers.test(programOf(word))) return "is a program that starts others";
  return interpreters.some((row) => isReadBy(row, words, at))
    ? runsText
    : interpreters.some((row) => isFetchedBy(row, words, at))
      ? "comes from another place than the registry"
      : null;
};

/** `/usr/bin/python3.12` and `python@3` are `python`. */
const programOf = (word: string): string =>
  (word.startsWith("@") ? word : (word.split(/[/\\]/).at(-1) ?? ""))
    .toLowerCase()
    .replace(/(?<=.)@.*$/, "")
    .replace(/\.(?:exe|cmd)$/, "")
    .replace(/[-_.]?\d[\d.]*$/, "");

/** True if the word is an option with which a program before it runs a text. */
const isReadBy = (row: Interpreter, words: readonly string[], at: number): boolean =>
  row.options.test(words[at] ?? "") && programBefore(row, words, at) !== -1;

/** True if the word is the file or package of a program before it, from a place that the row refuses. */
const isFetchedBy = (row: Interpreter, words: readonly string[], at: number): boolean => {
  const word = (words[at] ?? "").replace(/^--(?:package|from|with|spec)=/, "");
  return !word.startsWith("-") && row.from?.test(word) === true && programBefore(row, words, at) !== -1;
};

/**
 * The place of the row's program whose own words reach to this place: between them there are only options, their values
 * and subcommands. -1 for none.
 */
const programBefore = ({ programs, plain }: Interpreter, words: readonly string[], at: number): number => {
  for (let before = at - 1; before >= 0; before -= 1) {
    const word = words[before] ?? "";
    if (word.startsWith("-")) continue;
    if (programs.test(programOf(word))) return before;
    const earlier = words[before - 1] ?? "";
    const isValue = earlier.startsWith("-") && !earlier.includes("=") && !plain.test(earlier);
    if (!isValue && !subcommands.test(word)) return -1;
  }
  return -1;
};

/** Words between a package manager and the package. */
const subcommands = /^(?:exec|x|dlx|run|tool)$/;
