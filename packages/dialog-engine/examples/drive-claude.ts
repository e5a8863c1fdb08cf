import { realpathSync } from "node:fs";
import process from "node:process";
import { driveDialogs, impliedConsents } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import { claudePack } from "@trust/dialog-engine/packs";

const [file = "claude", folder = process.cwd()] = process.argv.slice(2);
const cwd = realpathSync(folder);

const pty = await openPty({ file, args: [], cwd, env: process.env });
if (!pty.ok) throw new Error(`${pty.error.code}: ${pty.error.message}`);

const result = await driveDialogs({
  terminal: pty.value,
  clock: systemClock,
  pack: claudePack,
  consents: { ...impliedConsents, "api-key": "use" },
  folder: { path: cwd },
  until: "ready",
});

console.log(result.outcome, result.dialogs.join(" "));
pty.value.kill();
