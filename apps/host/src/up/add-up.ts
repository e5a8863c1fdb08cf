import { namedPath, type Done, type Io } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { parseUpstream, type Upstreams } from "@gatehouse/gateway/options";
import { wireAddressOf } from "@gatehouse/wire/runner";
import { InvalidArgumentError, type Command } from "commander";
import type { UpFlags } from "./up-command.ts";

/** Adds `gatehouse up`. */
export const addUp = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("up")
    .description('run the host of the data folder, in the foreground; prints "ready" when ncl can connect')
    .option("--users-file <file>", "who may use the host (default: users.yaml in the data folder)", namedPath)
    .option("--yes", "make the data folder if it does not exist, without asking")
    .option(
      "--take-over",
      "take the place of the host that runs here, such as an older program; agents that work are kept, but for those in Pods",
    )
    .option(
      "--in-place-of",
      "once: the host of any other copy of this data folder, such as the one that was backed up, is gone, and this one has its place",
    )
    .option(
      "--log-key-lost",
      "once, on PostgreSQL: no host has log.key any more; begin the log of decisions with a new key",
    )
    .option(
      "--keep-messages <days>",
      "delete messages of sessions so long after they ended; 0 keeps them until their session is deleted (default: 90)",
      days,
    )
    .option(
      "--end-idle <minutes>",
      "end an agent's process after so long without work; the next message starts another, in the same conversation; 0 never (default: 30)",
      minutes,
    )
    .option(
      "--npm-age <days>",
      "packages of a group must have been at npm for so long; 0 takes any (default: 3)",
      days,
    )
    .option("--listen <host:port>", "serve agents of other machines, by TLS alone", hostAndPort)
    .option(
      "--console [host:port]",
      `serve pages for browsers (default: ${consolePlace}; or a port alone); gatehouse console prints a link`,
      consolePlaceOf,
    )
    .option(
      "--console-tls-cert <file>",
      "the console's certificate, PEM: by TLS, other machines reach it",
      namedPath,
    )
    .option("--console-tls-key <file>", "the key of that certificate, PEM", namedPath)
    .option(
      "--tls-cert <file>",
      "the certificate of --listen, PEM (default: one of ours, known by its pin)",
      namedPath,
    )
    .option("--tls-key <file>", "the key of that certificate, PEM", namedPath)
    .option(
      "--health <host:port>",
      "answer /healthz and /readyz there by HTTP, for a watcher such as the kubelet",
      hostAndPort,
    )
    .option(
      "--watchdog",
      "kill this host if its event loop or database gives no answer for 90 s; a service manager starts it again",
    )
    .option(
      "--agents-dial <address>",
      "where the agents of this host dial: tls, or tls://HOST:PORT (default: a Unix socket)",
      tlsAddress,
    );
  addRuntimeOptions(addUpstreamOption(addDatabaseOption(command))).action(async () => {
    const { upCommand } = await import("./up-command.ts");
    const { console: named, consoleTlsCert, consoleTlsKey, ...flags } = command.optsWithGlobals<TypedFlags>();
    const place = named === true ? hostAndPort(consolePlace) : named;
    const address = consoleOf(place, consoleTlsCert, consoleTlsKey);
    if (typeof address === "string") return command.error(`error: ${address}`);
    const flagged = address === undefined ? flags : { ...flags, console: address };
    done(await upCommand(flagged, program.version() ?? "", io));
  });
};

/** Without an address, `--console` is true. */
type TypedFlags = Omit<UpFlags, "console"> & {
  readonly console?: HostAndPort | true;
  readonly consoleTlsCert?: string;
  readonly consoleTlsKey?: string;
};

/** Adds `--runtime`, and the options of engines and of Kubernetes. */
export const addRuntimeOptions = (command: Command, usual = "auto"): Command =>
  command
    .option(
      "--runtime <name>",
      `what runs the agents: docker, podman, kubernetes, sandbox, process (with all rights of their account), or auto: as this data folder's host ran before; at first an engine that runs here and has their image, else sandbox (default: ${usual})`,
    )
    .option("--engine-socket <path>", "the socket of that engine's API (default: its usual ones)", namedPath)
    .option(
      "--kubernetes-image <image>",
      "the image of Pods, with gatehouse and the agents' CLIs (docs/kubernetes.md)",
    )
    .option(
      "--pod-template <file>",
      "YAML with a Pod whose fields each Pod gets, such as a node selector, and a claim that makes each group a volume (docs/kubernetes.md)",
      namedPath,
    )
    .option(
      "--kubernetes-namespace <name>",
      "where Pods are made (default: the namespace of the kubeconfig, else default)",
    );

/** Adds `--upstream`, for the commands that reach the vendors of models. */
export const addUpstreamOption = (command: Command): Command =>
  command.option(
    "--upstream <provider=url>",
    "where requests for anthropic, openai or google go (default: the provider's own address); may be repeated",
    upstream,
  );

const days = (text: string): number => {
  if (!/^\d{1,5}$/.test(text))
    throw new InvalidArgumentError("Write a number of days, such as 30; 0 for no limit.");
  return Number(text);
};

const minutes = (text: string): number => {
  if (!/^\d{1,5}$/.test(text))
    throw new InvalidArgumentError("Write a number of minutes: 30, or 0 for never.");
  return Number(text);
};

const upstream = (text: string, others: Partial<Upstreams> = {}): Partial<Upstreams> => {
  const parsed = parseUpstream(text);
  if (typeof parsed === "string") throw new InvalidArgumentError(parsed);
  return { ...others, ...parsed };
};

type HostAndPort = { readonly host: string; readonly port: number };

/** Parses `HOST:PORT` or `[IPV6]:PORT`; port 0 means any free port. */
const hostAndPort = (text: string): HostAndPort => {
  const [, ipv6, name, port = ""] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("Write an address and a port: 0.0.0.0:7443, or [::]:7443.");
  return { host, port: Number(port) };
};

const consolePlace = "127.0.0.1:7470";

/** A port alone is one of this machine. */
const consolePlaceOf = (text: string): HostAndPort =>
  hostAndPort(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text);

/** The console's address and certificate. Returns an error message if flags are missing. */
const consoleOf = (place?: HostAndPort, cert?: string, key?: string): UpFlags["console"] | string => {
  if ((cert === undefined) !== (key === undefined))
    return "--console-tls-cert and --console-tls-key go together.";
  if (place === undefined)
    return cert === undefined ? undefined : "--console-tls-cert and --console-tls-key need --console.";
  if (cert !== undefined && key !== undefined) return { ...place, tls: { cert, key } };
  if (["127.0.0.1", "localhost", "::1"].includes(place.host)) return place;
  return "Without TLS, the console is for browsers of this machine: 127.0.0.1:PORT. For others, add --console-tls-cert FILE and --console-tls-key FILE, or forward the port with ssh -L.";
};

const tlsAddress = (text: string): string => {
  if (text !== "tls" && wireAddressOf(text)?.type !== "tls")
    throw new InvalidArgumentError("Write tls, or tls://HOST:PORT.");
  return text;
};
