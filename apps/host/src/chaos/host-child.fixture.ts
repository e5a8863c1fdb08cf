// Runs the host of a data folder: `host-child.fixture.ts <data folder> [<options as JSON>]`. The parent process can also send
// commands as an agent or a person, over the IPC channel. SIGTERM ends it as `gatehouse up`.
import process from "node:process";
import { startHost } from "../up/start-host.ts";
import { chooseAddress, postgresTrouble } from "@gatehouse/postgres";
import type { Transports } from "@gatehouse/dispatch";
import type { Asked, ChildOptions, Said } from "./killed-host.fixture.ts";

const say = (said: Said): void => void process.send?.(said);
const textOf = (error: unknown): string => {
  const trouble = postgresTrouble(error);
  if (trouble !== null) return `${trouble.code}: ${trouble.message}`;
  return error instanceof Error ? String(error.stack) : String(error);
};

const answer = ({ agent, user }: Transports, { by, frame }: Asked) =>
  "session" in by ? agent(by.session)(frame) : user(by.user)(frame);

const [dataDir = "", options = "{}"] = process.argv.slice(2);
const chosen = chooseAddress(process.env);
if (!chosen.ok) throw new Error(chosen.error.message);
const started = await startHost({
  dataDir,
  database: chosen.value,
  ...(JSON.parse(options) as ChildOptions),
  report: (error) => say({ type: "bug", text: textOf(error) }),
});
if (started.ok) {
  const { transports, notes, stop } = started.value;
  process.once("SIGTERM", () => void stop().then(() => process.exit(143)));
  process.on("message", (asked: Asked) => {
    answer(transports, asked).then(
      (frame) => say({ type: "answer", id: asked.id, frame }),
      (error: unknown) => say({ type: "bug", text: textOf(error) }),
    );
  });
  say({ type: "ready", notes });
} else say({ type: "bug", text: JSON.stringify(started.error) });
