import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, shellWord, systemCode, type Result } from "@gatehouse/std";
import { gatewayTokenOf } from "@gatehouse/session-rows/messages";
import { openGatewayPort } from "./gateway-port.ts";
import type { Gateway } from "./provider.ts";

/** The host's gateway, and how the agent's CLI reaches it. */
export type OpenGateway = Gateway & { readonly close: () => Promise<void> };

/**
 * Opens the port for the agent's CLI, and writes its token into the workload's folder, where the CLI reads it. The
 * token opens nothing but the gateway. The error is a sentence.
 */
export const openGateway = async (
  folder: string,
  { address, token }: { readonly address: string; readonly token: string },
): Promise<Result<OpenGateway, string>> => {
  const file = join(folder, "out", "gateway-token");
  try {
    // Removed first: an agent could have put a link there.
    await rm(file, { force: true, recursive: true });
    await writeFile(file, gatewayTokenOf(token), { mode: 0o600, flag: "wx" });
    await chmod(file, 0o600);
  } catch (error) {
    return fail(`${file} cannot be written (${systemCode(error)}).`);
  }
  const port = await openGatewayPort(address);
  return port.ok ? ok({ ...port.value, tokenCommand: `cat ${shellWord(file)}`, tokenFile: file }) : port;
};
