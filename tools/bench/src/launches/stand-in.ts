import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(
  new URL("../../../../test-fixtures/programs/model-stand-in.mjs", import.meta.url),
);

/** A stand-in for the model's API, on loopback. */
export type StandIn = { readonly address: string; readonly stop: () => Promise<void> };

export const startStandIn = async (): Promise<StandIn> => {
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const [line]: unknown[] = await once(child.stdout, "data");
  return {
    address: String(line).trim(),
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
};
