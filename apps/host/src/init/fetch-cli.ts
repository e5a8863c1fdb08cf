import type { FetchCli } from "@gatehouse/first-run";
import { agentClis } from "@trust/preflight";
import { installCli } from "../run/install-cli.ts";

/** Fetches a version of a CLI as `gatehouse run --install-cli` does. */
export const fetchCli: FetchCli = (dataDir, { provider, version }, io) =>
  installCli(dataDir, { ...agentClis[provider], npmVersion: version }, io);
