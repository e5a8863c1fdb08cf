// @module-tag rest
import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { vendorKeys } from "../secrets/index.ts";
import { gatewayFixture } from "../gateway.fixture.ts";

const run = promisify(execFile);

/** Asks the gateway with a token, then reads a file, and prints the status and the error. */
const program = `
const [path, token, file] = process.argv.slice(1);
const { request } = require("node:http");
const sent = request({ socketPath: path, path: "/v1/messages", method: "POST", headers: { "x-api-key": token } });
sent.once("response", (answer) => {
  let read = "read";
  try { require("node:fs").readFileSync(file); } catch (error) { read = error.code; }
  console.log(answer.statusCode, read);
  process.exit();
});
sent.end(JSON.stringify({ model: "claude-sonnet-4-5", messages: [] }));`;

/** The account `nobody`, as Debian numbers it. */
const nobody = { uid: 65_534, gid: 65_534 };

describe.runIf(process.getuid?.() === 0)("another account", () => {
  test("reaches the gateway with a token only, and cannot read the keys and prices", async () => {
    const { path, token, dataDir, vendor } = await gatewayFixture();
    await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "sk-ant-hidden" });
    const prices = join(dataDir, "prices.json");
    writeFileSync(prices, "{}", { mode: 0o600 });
    chmodSync(dataDir, 0o711);
    const ask = async (shown: string, file: string): Promise<string> =>
      (
        await run(process.execPath, ["-e", program, path, shown, file], { ...nobody, cwd: "/" })
      ).stdout.trim();
    expect(await ask("a".repeat(43), vendorKeys.fileIn(dataDir))).toBe("401 EACCES");
    expect(await ask(token, prices)).toBe("200 EACCES");
    expect(vendor.received).toHaveLength(1);
  });
});
