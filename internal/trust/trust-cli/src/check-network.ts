import { connect } from "node:net";
import type { Environment } from "@gatehouse/std";
import type { DoctorWarning } from "./doctor-report.ts";

/** Timeout of a connection, ms. */
const limitMs = 3_000;

/** With one of these, Claude Code 2.1.328 uses a cloud whose address is in its settings. */
const clouds: readonly string[] = [
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
];

/**
 * Warns if Claude Code's API, or the proxy in front of it, accepts no connection. It opens a connection and
 * sends no data: no request is made, and no key leaves the machine.
 */
export const checkNetwork = async (env: Environment): Promise<readonly DoctorWarning[]> => {
  if (clouds.some((name) => (env[name] ?? "") !== "")) return [];
  const api = addressOf(env["ANTHROPIC_BASE_URL"] || "https://api.anthropic.com");
  const proxy = addressOf(env["HTTPS_PROXY"] || env["https_proxy"] || "");
  const address = proxy ?? api;
  if (address === null) return [];
  const problem = await connectTo(address);
  if (problem === null) return [];
  const what = proxy === null ? "Claude Code's API" : "The proxy of HTTPS_PROXY";
  return [
    {
      name: "network",
      message: `${what} cannot be reached: ${address.host}:${address.port} (${problem}).`,
      fix: "Connect this machine to the network, or set HTTPS_PROXY to your proxy. You can trust folders without it.",
    },
  ];
};

type Address = { readonly host: string; readonly port: number };

/** The host and port of a URL; null for an invalid one. */
const addressOf = (text: string): Address | null => {
  if (!URL.canParse(text)) return null;
  const { hostname, port, protocol } = new URL(text);
  if (hostname === "") return null;
  const usual = protocol === "http:" ? 80 : 443;
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? usual : Number(port) };
};

/** Why the connection failed; null if it succeeded. */
const connectTo = ({ host, port }: Address): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: limitMs });
    const end = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => end(null));
    socket.once("timeout", () => end(`no answer in ${limitMs / 1000} s`));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
